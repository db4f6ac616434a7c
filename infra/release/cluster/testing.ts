import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { KubeConfig, KubernetesObjectApi } from '@kubernetes/client-node'
import type { Balancer, Metrics } from './balancer.ts'
import type { Thing } from './kubernetes.ts'

// An API server that keeps objects and does what the controllers behind one would: Deployments become available, Jobs end, pods go. It speaks HTTP, to the
// real client.

const RESOURCES: Record<string, [plural: string, kind: string][]> = {
  'api/v1': [
    ['services', 'Service'],
    ['configmaps', 'ConfigMap'],
    ['pods', 'Pod'],
    ['secrets', 'Secret'],
  ],
  'apis/apps/v1': [['deployments', 'Deployment']],
  'apis/batch/v1': [
    ['jobs', 'Job'],
    ['cronjobs', 'CronJob'],
  ],
  'apis/autoscaling/v2': [['horizontalpodautoscalers', 'HorizontalPodAutoscaler']],
  'apis/policy/v1': [['poddisruptionbudgets', 'PodDisruptionBudget']],
  'apis/elbv2.k8s.aws/v1beta1': [['targetgroupbindings', 'TargetGroupBinding']],
  'apis/coordination.k8s.io/v1': [['leases', 'Lease']],
}

export interface FakeApi extends AsyncDisposable {
  client: KubernetesObjectApi
  objects: Map<string, Thing>
  /** Verbs and paths, in order. */
  requests: string[]
  /** Names of jobs that fail. */
  failing: Set<string>
}

export async function openFakeApi(): Promise<FakeApi> {
  const api = { objects: new Map<string, Thing>(), requests: [] as string[], failing: new Set<string>() }
  const server = createServer((request, response) => void answer(api, request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const config = new KubeConfig()
  config.loadFromClusterAndUser(
    { name: 'fake', server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, skipTLSVerify: true },
    { name: 'driver', token: 'fictional' },
  )
  return {
    ...api,
    client: KubernetesObjectApi.makeApiClient(config),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

async function answer(
  api: Pick<FakeApi, 'objects' | 'requests' | 'failing'>,
  request: IncomingMessage,
  response: ServerResponse,
) {
  const url = new URL(request.url ?? '/', 'http://localhost')
  const path = url.pathname.slice(1)
  const send = (status: number, body: object) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  const resources = RESOURCES[path]
  if (resources)
    return send(200, {
      kind: 'APIResourceList',
      resources: resources.map(([name, kind]) => ({ name, kind, namespaced: true, singularName: '', verbs: [] })),
    })
  api.requests.push(`${request.method} ${path}`)
  const refuse = (code: number) => send(code, { kind: 'Status', status: 'Failure', code, message: `${code}` })
  const body = request.method === 'GET' || request.method === 'DELETE' ? undefined : ((await json(request)) as Thing)
  const collection = RESOURCES[path.replace(/\/namespaces\/.*/, '')]?.some(([plural]) => path.endsWith(`/${plural}`))
  if (request.method === 'GET' && collection) {
    const [, label = '', value = ''] = /^([^=]+)=(.*)$/.exec(url.searchParams.get('labelSelector') ?? '') ?? []
    const items = [...api.objects].filter(
      ([key, { metadata }]) => key.startsWith(`${path}/`) && metadata?.labels?.[label] === value,
    )
    return send(200, { kind: 'List', metadata: {}, items: items.map(([, object]) => object) })
  }
  const key = request.method === 'POST' ? `${path}/${body?.metadata?.name}` : path
  const present = api.objects.get(key)
  if (request.method === 'DELETE')
    return api.objects.delete(key) ? send(200, { kind: 'Status', status: 'Success' }) : refuse(404)
  if (request.method === 'GET') return present ? send(200, present) : refuse(404)
  if (request.method === 'POST' && present) return refuse(409)
  if (request.method === 'PUT' && present?.metadata?.resourceVersion !== body?.metadata?.resourceVersion)
    return refuse(409)
  if (!present && request.method === 'PATCH' && !request.headers['content-type']?.includes('apply')) return refuse(404)
  const stored = controlled(api, merged(present, body as Thing))
  api.objects.set(key, stored)
  return send(200, stored)
}

const merged = (present: Thing | undefined, change: Thing): Thing => ({
  ...present,
  ...change,
  metadata: {
    ...present?.metadata,
    ...change.metadata,
    resourceVersion: String(Number(present?.metadata?.resourceVersion ?? 0) + 1),
  },
  ...((present?.spec || change.spec) && { spec: { ...present?.spec, ...change.spec } }),
})

function controlled(api: Pick<FakeApi, 'failing'>, object: Thing): Thing {
  const replicas = object.spec?.replicas ?? 1
  if (object.kind === 'Deployment')
    return {
      ...object,
      status: { observedGeneration: 1, replicas, updatedReplicas: replicas, availableReplicas: replicas },
    }
  if (object.kind !== 'Job') return object
  const type = api.failing.has(object.metadata?.name ?? '') ? 'Failed' : 'Complete'
  return { ...object, status: { conditions: [{ type, status: 'True', message: 'planted' }] } }
}

interface Command {
  constructor: { name: string }
  // biome-ignore lint/suspicious/noExplicitAny: inputs of five commands
  input: any
}

export interface FakeAws {
  balancer: Balancer
  metrics: Metrics
  weights: Map<string, number>
  preview: string | undefined
  healthy: boolean
  /** Of every metric, by its name. */
  sums: Record<string, number>
}

/** The two services at the seam of their clients: what a command asks for is done to `weights`, and told from it. */
export function openFakeAws(weights: Record<string, number>): FakeAws {
  const aws: FakeAws = {
    weights: new Map(Object.entries(weights)),
    preview: undefined,
    healthy: true,
    sums: {},
    balancer: { send: (async (command: Command) => balance(aws, command)) as unknown as Balancer['send'] },
    metrics: {
      send: (async ({ input }: Command) => ({
        MetricDataResults: input.MetricDataQueries.map(
          ({ Id, MetricStat }: { Id: string; MetricStat: { Metric: { MetricName: string } } }) => ({
            Id,
            Values: [aws.sums[MetricStat.Metric.MetricName] ?? 0],
          }),
        ),
      })) as unknown as Metrics['send'],
    },
  }
  return aws
}

function balance(aws: FakeAws, { constructor: { name }, input }: Command): object {
  if (name === 'ModifyListenerCommand') {
    for (const { TargetGroupArn, Weight } of input.DefaultActions[0].ForwardConfig.TargetGroups)
      aws.weights.set(TargetGroupArn, Weight)
    return {}
  }
  if (name === 'ModifyRuleCommand') {
    aws.preview = input.Actions[0].TargetGroupArn
    return {}
  }
  if (name === 'DescribeTargetHealthCommand')
    return { TargetHealthDescriptions: [{ TargetHealth: { State: aws.healthy ? 'healthy' : 'initial' } }] }
  if (name === 'DescribeListenersCommand') {
    const TargetGroups = [...aws.weights].map(([TargetGroupArn, Weight]) => ({ TargetGroupArn, Weight }))
    return { Listeners: [{ DefaultActions: [{ Type: 'forward', ForwardConfig: { TargetGroups } }] }] }
  }
  throw new Error(`The fake knows no ${name}.`)
}
