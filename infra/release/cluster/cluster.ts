import {
  type Colour,
  type Entry,
  type Lock,
  otherThan,
  type Release,
  type ReleasePlatform,
  type State,
  type Traffic,
} from '../platform.ts'
import {
  type Balancer,
  type BalancerSettings,
  type Metrics,
  setPreview,
  setShares,
  sharesOf,
  trafficOf,
  unhealthy,
} from './balancer.ts'
import {
  apply,
  type Cluster,
  configMapJournal,
  erase,
  ofColour,
  runJob,
  scaleToZero,
  type Thing,
  unavailable,
} from './kubernetes.ts'
import { takeLease } from './lease.ts'

export interface ClusterSettings extends BalancerSettings {
  namespace: string
  pollMs: number
  /** Everything of one colour; see infra/kubernetes. */
  objects(colour: Colour, release: Release): Thing[]
  /** What runs by the clock, of neither colour. */
  nightly(release: Release): Thing[]
  job(release: Release, stage: 'expand' | 'contract'): Thing
  /** Where the lines of the audit go beside the cluster's own copy. */
  evidence(entry: Entry): Promise<void>
}

export interface ClusterTools {
  cluster: Cluster
  balancer: Balancer
  metrics: Metrics
}

/** Says on each Deployment which release it is. */
const VERSION = 'app.kubernetes.io/version'
/** Kinds that a colour consists of, in the order in which they go. */
const KINDS: [apiVersion: string, kind: string][] = [
  ['autoscaling/v2', 'HorizontalPodAutoscaler'],
  ['policy/v1', 'PodDisruptionBudget'],
  ['elbv2.k8s.aws/v1beta1', 'TargetGroupBinding'],
  ['apps/v1', 'Deployment'],
  ['v1', 'Service'],
]

/** A release platform of Kubernetes behind an AWS load balancer: a Deployment and a target group for each colour. */
export class ClusterPlatform implements ReleasePlatform {
  readonly #tools: ClusterTools
  readonly #settings: ClusterSettings
  readonly #opened = new Date()
  readonly journal: ReleasePlatform['journal']

  constructor(tools: ClusterTools, settings: ClusterSettings) {
    this.#tools = tools
    this.#settings = settings
    this.journal = configMapJournal(tools.cluster, settings.namespace, settings.evidence)
  }

  get origin(): string {
    return this.#settings.origin
  }

  objects(colour: Colour, release: Release): Thing[] {
    return this.#settings.objects(colour, release)
  }

  async state(): Promise<State> {
    const shares = await sharesOf(this.#tools.balancer, this.#settings)
    const of = async (colour: Colour) => {
      const [deployment] = await this.#deployments(colour)
      const version = deployment?.metadata?.labels?.[VERSION]
      const source = deployment?.spec?.template?.spec?.containers?.[0]?.image
      const release = version && source ? { version, source } : undefined
      // Before the first release the listener has weights, and nobody behind them.
      return { release, share: release ? shares[colour] : 0 }
    }
    return { blue: await of('blue'), green: await of('green') }
  }

  async migrate(release: Release, stage: 'expand' | 'contract'): Promise<string> {
    const job = this.#settings.job(release, stage)
    await runJob(this.#tools.cluster, job, this.#settings.pollMs)
    return `${job.metadata?.name} is complete`
  }

  async start(colour: Colour, release: Release): Promise<void> {
    await apply(this.#tools.cluster, this.#settings.objects(colour, release))
  }

  async unready(colour: Colour): Promise<string | undefined> {
    const deployments = await this.#deployments(colour)
    if (deployments.length === 0) return 'nothing has been started'
    const missing = deployments.map(unavailable).find((complaint) => complaint !== undefined)
    return missing ?? (await unhealthy(this.#tools.balancer, this.#settings, colour))
  }

  async preview(colour: Colour): Promise<string> {
    await setPreview(this.#tools.balancer, this.#settings, colour)
    return this.#settings.previewOrigin
  }

  async shift(colour: Colour, share: number): Promise<void> {
    const shares = { [colour]: share, [otherThan(colour)]: 100 - share } as Record<Colour, number>
    await setShares(this.#tools.balancer, this.#settings, shares)
  }

  async traffic(colour: Colour): Promise<Traffic> {
    return await trafficOf(this.#tools.metrics, this.#settings, colour, this.#opened)
  }

  async drain(colour: Colour): Promise<void> {
    const { [colour]: share } = await sharesOf(this.#tools.balancer, this.#settings)
    if (share > 0 && (await this.#deployments(otherThan(colour))).length > 0)
      throw new Error(`${colour} still has a share of the traffic`)
    await scaleToZero(this.#tools.cluster, this.#settings.namespace, colour, this.#settings.pollMs)
  }

  async remove(colour: Colour): Promise<void> {
    for (const [apiVersion, kind] of KINDS)
      for (const object of await ofColour(this.#tools.cluster, this.#settings.namespace, kind, colour, apiVersion))
        await erase(this.#tools.cluster, object)
  }

  async renewShared(release: Release): Promise<void> {
    await apply(this.#tools.cluster, this.#settings.nightly(release))
  }

  lock(): Promise<Lock> {
    return takeLease(this.#tools.cluster, this.#settings.namespace)
  }

  #deployments(colour: Colour): Promise<Thing[]> {
    return ofColour(this.#tools.cluster, this.#settings.namespace, 'Deployment', colour)
  }
}
