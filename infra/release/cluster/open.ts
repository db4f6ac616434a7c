import { mkdirSync, mkdtempSync, readFileSync, realpathSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CloudFormationClient } from '@aws-sdk/client-cloudformation'
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch'
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2'
import { KubeConfig, KubernetesObjectApi } from '@kubernetes/client-node'
import { run } from '../../image/run.ts'
import { type Environment, environments } from '../../kubernetes/environment.ts'
import { foundationOf } from '../../kubernetes/foundation.ts'
import { jobOf, objectsOf } from '../../kubernetes/objects.ts'
import { fileJournal } from '../journal.ts'
import { ClusterPlatform } from './cluster.ts'
import type { Cluster } from './kubernetes.ts'
import { outputsOf, type StackTemplate } from './stacks.ts'
import { openTunnel } from './tunnel.ts'

export interface OpenCluster extends AsyncDisposable {
  environment: Environment
  platform: ClusterPlatform
  cluster: Cluster
}

interface StackList {
  /** `template` is the file's name. */
  stacks: StackTemplate[]
}

const templates = new URL('../../aws/templates/', import.meta.url)

/** The committed templates of an environment, in the order in which they are made. */
export function stacksOf(environment: string): StackTemplate[] {
  const folder = new URL(`${environment}/`, templates)
  const { stacks } = JSON.parse(readFileSync(new URL('stacks.json', folder), 'utf8')) as StackList
  return stacks.map((stack) => ({ ...stack, template: readFileSync(new URL(stack.template, folder), 'utf8') }))
}

export const stacksIn = (region: string) => new CloudFormationClient({ region })

export function environmentNamed(name: string): Environment {
  const found = Object.hasOwn(environments, name) ? environments[name as keyof typeof environments] : undefined
  if (!found) throw new Error(`There is no environment '${name}'. There are: ${Object.keys(environments).join(', ')}.`)
  return found
}

/** The cluster of an environment, as its stacks describe it, until it is disposed of. `folder` gets the audit lines too, as evidence. */
export async function openCluster(name: string, folder: string, pollMs: number): Promise<OpenCluster> {
  const environment = environmentNamed(name)
  const outputs = await outputsOf(stacksIn, stacksOf(name))
  const of = (output: string): string => {
    const value = outputs[output]
    if (!value)
      throw new Error(`No stack of ${name} has the output ${output}. Are they deployed, and is this the right account?`)
    return value
  }
  const targetGroups = { blue: of('BlueTargetGroupArn'), green: of('GreenTargetGroupArn') }
  const real: Environment = { ...environment, targetGroups }
  await using opened = new AsyncDisposableStack()
  const kubeConfig = kubeConfigOf(of('ClusterName'))
  if (throughTunnel()) opened.use(await openTunnel(kubeConfig, of('ClusterName')))
  const cluster = KubernetesObjectApi.makeApiClient(kubeConfig)
  mkdirSync(folder, { recursive: true })
  const evidence = fileJournal(join(folder, 'releases.ndjson'))
  const platform = new ClusterPlatform(
    { cluster, balancer: new ElasticLoadBalancingV2Client({}), metrics: new CloudWatchClient({}) },
    {
      namespace: real.namespace,
      pollMs,
      listenerArn: of('ListenerArn'),
      previewRuleArn: of('PreviewRuleArn'),
      ...originsOf(real),
      targetGroups,
      objects: (colour, release) => objectsOf(real, colour, release),
      nightly: (release) => foundationOf(real, release).filter(({ kind }) => kind === 'CronJob'),
      job: (release, stage) => jobOf(real, release, stage),
      evidence: (entry) => evidence.append(entry),
    },
  )
  const kept = opened.move()
  return { environment: real, platform, cluster, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}

function originsOf({ name, settings }: Environment): { origin: string; previewOrigin: string } {
  if (!settings.PUBLIC_URL) throw new Error(`The environment '${name}' has no PUBLIC_URL.`)
  const { origin, protocol, host } = new URL(settings.PUBLIC_URL)
  return { origin, previewOrigin: `${protocol}//preview.${host}` }
}

/** CLUSTER_TUNNEL=ssm, for whoever is not in the network of the cluster. */
function throughTunnel(): boolean {
  const { CLUSTER_TUNNEL: by = '' } = process.env
  if (!['', 'ssm'].includes(by)) throw new Error(`CLUSTER_TUNNEL is '${by}'; it may be ssm, or not set.`)
  return by === 'ssm'
}

function kubeConfigOf(clusterName: string): KubeConfig {
  const file = join(mkdtempSync(join(realpathSync(tmpdir()), 'openhcs-kube-')), 'config')
  run('aws', ['eks', 'update-kubeconfig', '--name', clusterName, '--kubeconfig', file])
  const config = new KubeConfig()
  config.loadFromFile(file)
  return config
}
