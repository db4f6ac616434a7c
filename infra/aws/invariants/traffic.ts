import { at, listAt, resources, type Templates } from '../template.ts'
import { each, type Invariant } from './invariant.ts'

type Weights = Record<string, string>

/** Of the two colours, as written: a number, or a choice between two. */
function weights(action: unknown): Weights {
  const groups = listAt(action, 'ForwardConfig', 'TargetGroups')
  return Object.fromEntries(
    groups.map((group) => [String(at(group, 'TargetGroupArn', 'Ref')), JSON.stringify(at(group, 'Weight'))]),
  )
}

function forwards(templates: Templates): { listener: Weights; preview: Weights } {
  const [listener] = resources(templates, 'AWS::ElasticLoadBalancingV2::Listener')
  const preview = resources(templates, 'AWS::ElasticLoadBalancingV2::ListenerRule').find(({ where }) =>
    where.endsWith('/PreviewRule'),
  )
  return {
    listener: weights(listener?.properties.DefaultActions && listAt(listener.properties, 'DefaultActions')[0]),
    preview: weights(preview && listAt(preview.properties, 'Actions')[0]),
  }
}

const LIVE = { BlueTargetGroup: '{"Fn::If":["BlueIsLive",100,0]}', GreenTargetGroup: '{"Fn::If":["BlueIsLive",0,100]}' }
const IDLE = { BlueTargetGroup: LIVE.GreenTargetGroup, GreenTargetGroup: LIVE.BlueTargetGroup }
const same = (a: Weights, b: Weights) => JSON.stringify(a) === JSON.stringify(b)

const twoColours: Invariant = {
  name: 'two weighted colours, the idle one on the preview',
  problems(templates) {
    const { listener, preview } = forwards(templates)
    return [
      ...(same(listener, LIVE) ? [] : ['traffic/Listener: does not weigh the two colours']),
      ...(same(preview, IDLE) ? [] : ['traffic/PreviewRule: does not lead to the idle colour']),
    ]
  },
}

const targets = each('pods are asked whether they are ready', ['AWS::ElasticLoadBalancingV2::TargetGroup'], (found) => [
  found.properties.HealthCheckPath !== '/readyz' && 'asks something else than /readyz',
  found.properties.TargetType !== 'ip' && 'is not of addresses',
  found.properties.Port !== 8080 && 'is not on 8080',
])

const attribute = (attributes: unknown[], key: string) =>
  at(
    attributes.find((entry) => at(entry, 'Key') === key),
    'Value',
  )

const listeners = each('HTTPS only, and browsers remember it', ['AWS::ElasticLoadBalancingV2::Listener'], (found) => {
  const { properties } = found
  const hsts = attribute(
    listAt(properties, 'ListenerAttributes'),
    'routing.http.response.strict_transport_security.header_value',
  )
  return [
    (properties.Protocol !== 'HTTPS' || properties.Port !== 443) && 'is not HTTPS on 443',
    !/^ELBSecurityPolicy-TLS13-1-[23]-/.test(String(properties.SslPolicy)) && 'speaks less than TLS 1.3 or 1.2',
    !/max-age=\d{8}/.test(String(hsts)) && 'sends no HSTS',
  ]
})

const balancer = each(
  'the door is logged and guarded',
  ['AWS::ElasticLoadBalancingV2::LoadBalancer'],
  (found, config) => {
    const attributes = listAt(found.properties, 'LoadBalancerAttributes')
    return [
      attribute(attributes, 'access_logs.s3.enabled') !== 'true' && 'writes no log',
      attribute(attributes, 'routing.http.drop_invalid_header_fields.enabled') !== 'true' && 'passes broken headers on',
      attribute(attributes, 'deletion_protection.enabled') !== String(!config.ephemeral) &&
        'has the wrong deletion protection',
    ]
  },
)

const firewall: Invariant = {
  name: 'a firewall with a limit stands before the door, and writes down what it refuses',
  problems(templates) {
    const [acl] = resources(templates, 'AWS::WAFv2::WebACL')
    const limits = listAt(acl?.properties, 'Rules').filter((rule) =>
      at(rule, 'Statement', 'RateBasedStatement', 'Limit'),
    )
    return [
      ...(limits.length > 0 ? [] : ['traffic/Firewall: knows no limit']),
      ...['AWS::WAFv2::WebACLAssociation', 'AWS::WAFv2::LoggingConfiguration']
        .filter((type) => resources(templates, type).length === 0)
        .map((type) => `traffic: ${type} is missing`),
    ]
  },
}

const names: Invariant = {
  name: 'the name is checked from outside',
  problems: (templates) =>
    resources(templates, 'AWS::Route53::RecordSet').some(({ properties }) => properties.HealthCheckId)
      ? []
      : ['traffic: no record has a health check'],
}

export const trafficInvariants: Invariant[] = [twoColours, targets, listeners, balancer, firewall, names]
