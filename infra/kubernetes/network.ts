import { k8s } from 'cdk8s-plus-33'
import type { Thing } from '#infra/release/cluster/kubernetes.ts'
import { ANYWHERE, type Environment } from './environment.ts'
import { PORT } from './pod.ts'

// Who may talk to whom: nobody, and then just what is needed.

const NAME = 'app.kubernetes.io/name'
const COMPONENT = 'app.kubernetes.io/component'
const labels = { [NAME]: 'openhcs', 'app.kubernetes.io/part-of': 'openhcs' }
/** Not the internet: this network's own addresses, and the one under which clouds tell a machine its credentials. */
export const INSIDE = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '169.254.0.0/16', '100.64.0.0/10']

const ours = { matchLabels: { [NAME]: 'openhcs' } }
/** Workers, and whoever sends a code while somebody waits for it: the room itself, or the processes that have all rooms. */
const senders: k8s.LabelSelector = {
  matchLabels: { [NAME]: 'openhcs' },
  matchExpressions: [{ key: COMPONENT, operator: 'In', values: ['worker', 'web', 'notifications'] }],
}
/** Pods that come to their end by themselves. */
const tasks = ['migrate', 'audit']
const servers: k8s.LabelSelector = {
  matchLabels: { [NAME]: 'openhcs' },
  matchExpressions: [{ key: COMPONENT, operator: 'NotIn', values: tasks }],
}
const web: k8s.LabelSelector = {
  matchLabels: { [NAME]: 'openhcs' },
  matchExpressions: [{ key: COMPONENT, operator: 'NotIn', values: [...tasks, 'worker'] }],
}

const port = (number: number, protocol = 'TCP'): k8s.NetworkPolicyPort => ({
  port: k8s.IntOrString.fromNumber(number),
  protocol,
})
const blocks = (ranges: readonly string[]) =>
  ranges.map((cidr) => ({ ipBlock: cidr === ANYWHERE ? { cidr, except: INSIDE } : { cidr } }))
const namespaceCalled = (name: string) => ({
  namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } },
})

const policy = (name: string, podSelector: k8s.LabelSelector, rules: Omit<k8s.NetworkPolicySpec, 'podSelector'>) =>
  k8s.KubeNetworkPolicy.manifest({ metadata: { name: `openhcs-${name}`, labels }, spec: { podSelector, ...rules } })
const inwards = (name: string, to: k8s.LabelSelector, rule: k8s.NetworkPolicyIngressRule) =>
  policy(name, to, { policyTypes: ['Ingress'], ingress: [rule] })
const outwards = (name: string, from: k8s.LabelSelector, rule: k8s.NetworkPolicyEgressRule) =>
  policy(name, from, { policyTypes: ['Egress'], egress: [rule] })

/** Where EKS hands a pod the keys of its role: docs.aws.amazon.com/eks/latest/userguide/pod-id-how-it-works.html */
const KEYS = '169.254.170.23/32'

export function networkPolicies({
  balancerRanges,
  databaseRanges,
  databasePorts,
  bucketRanges,
  rooms,
}: Environment): Thing[] {
  return [
    policy('deny', {}, { policyTypes: ['Ingress', 'Egress'] }),
    outwards('names', ours, { to: [namespaceCalled('kube-system')], ports: [port(53, 'UDP'), port(53)] }),
    outwards('database', ours, { to: blocks(databaseRanges), ports: databasePorts.map((number) => port(number)) }),
    // E-mail, and messages to browsers and to other people's systems.
    outwards('messages', senders, { to: blocks([ANYWHERE]), ports: [port(443), port(465), port(587)] }),
    ...(bucketRanges.length > 0
      ? [
          outwards('bucket', servers, { to: blocks(bucketRanges), ports: [port(443)] }),
          outwards('bucket-keys', servers, { to: blocks([KEYS]), ports: [port(80)] }),
        ]
      : []),
    inwards('balancer', web, { from: blocks(balancerRanges), ports: [port(PORT)] }),
    inwards('metrics', servers, { from: [namespaceCalled('monitoring')], ports: [port(PORT)] }),
    ...(rooms === 'apart'
      ? [
          inwards('rooms', web, { from: [{ podSelector: web }], ports: [port(PORT)] }),
          outwards('rooms-out', web, { to: [{ podSelector: web }], ports: [port(PORT)] }),
        ]
      : []),
  ]
}
