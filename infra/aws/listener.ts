import { CfnCondition, CfnParameter, Fn, type Stack, Token } from 'aws-cdk-lib'
import type * as acm from 'aws-cdk-lib/aws-certificatemanager'
import * as elb from 'aws-cdk-lib/aws-elasticloadbalancingv2'
import type { EnvironmentConfig } from './config.ts'
import type { Colours } from './load-balancer.ts'
import { output } from './stack.ts'

const TLS = { '1.3': 'ELBSecurityPolicy-TLS13-1-3-2021-06', '1.2 and 1.3': 'ELBSecurityPolicy-TLS13-1-2-Res-2021-06' }
/** Set here, and by the service too: so answers of the load balancer itself carry it as well. */
const HSTS = 'max-age=31536000; includeSubDomains'

interface Door {
  balancer: elb.ApplicationLoadBalancer
  colours: Colours
  certificate: acm.CfnCertificate
}

/**
 * Who gets a request. A release changes the weights, outside of CloudFormation; whoever deploys this stack afterwards says
 * with LiveColour which one is live, so that a change of something else does not switch back.
 */
export function listener(stack: Stack, config: EnvironmentConfig, { balancer, colours, certificate }: Door): void {
  const live = new CfnParameter(stack, 'LiveColour', {
    allowedValues: ['blue', 'green'],
    default: 'blue',
    description: 'The colour that people are served by',
  })
  const blueIsLive = new CfnCondition(stack, 'BlueIsLive', { expression: Fn.conditionEquals(live, 'blue') })
  const either = (first: number, second: number) => Token.asNumber(Fn.conditionIf(blueIsLive.logicalId, first, second))
  const door = new elb.CfnListener(stack, 'Listener', {
    loadBalancerArn: balancer.loadBalancerArn,
    port: 443,
    protocol: 'HTTPS',
    sslPolicy: TLS[config.domain.tls],
    certificates: [{ certificateArn: certificate.ref }],
    defaultActions: [forward(colours, either(100, 0), either(0, 100))],
    listenerAttributes: [
      { key: 'routing.http.response.strict_transport_security.header_value', value: HSTS },
      { key: 'routing.http.response.server.enabled', value: 'false' },
    ],
  })
  hidden(stack, door)
  const preview = new elb.CfnListenerRule(stack, 'PreviewRule', {
    listenerArn: door.ref,
    priority: 20,
    conditions: [{ field: 'host-header', hostHeaderConfig: { values: [`preview.${config.domain.name}`] } }],
    actions: [forward(colours, either(0, 100), either(100, 0))],
  })
  output(stack, 'ListenerArn', door.ref, 'A release shifts the weights of its default action')
  output(stack, 'PreviewRuleArn', preview.ref, 'Leads to the idle colour, which smoke tests look at')
  output(stack, 'BlueTargetGroupArn', colours.blue.ref, 'Pods of the blue colour')
  output(stack, 'GreenTargetGroupArn', colours.green.ref, 'Pods of the green colour')
}

function forward({ blue, green }: Colours, blueWeight: number, greenWeight: number) {
  return {
    type: 'forward',
    forwardConfig: {
      targetGroups: [
        { targetGroupArn: blue.ref, weight: blueWeight },
        { targetGroupArn: green.ref, weight: greenWeight },
      ],
      targetGroupStickinessConfig: { enabled: false }, // what one colour wrote the other reads
    },
  }
}

/** What is asked within the cluster only: measurements, and calls between rooms. */
function hidden(stack: Stack, { ref }: elb.CfnListener): void {
  new elb.CfnListenerRule(stack, 'HiddenPathsRule', {
    listenerArn: ref,
    priority: 10,
    conditions: [{ field: 'path-pattern', pathPatternConfig: { values: ['/metrics', '/house/*'] } }],
    actions: [{ type: 'fixed-response', fixedResponseConfig: { statusCode: '404', contentType: 'text/plain' } }],
  })
}
