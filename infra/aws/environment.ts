import { App } from 'aws-cdk-lib'
import * as ec2 from 'aws-cdk-lib/aws-ec2'
import flags from 'aws-cdk-lib/recommended-feature-flags.json' with { type: 'json' }
import { access } from './access.ts'
import { addons } from './addons.ts'
import { alarmTopic, monthlyBudget } from './alarm-topic.ts'
import { backupPlan } from './backup.ts'
import { burnAlarms } from './burn-alarms.ts'
import { cluster, connect } from './cluster.ts'
import type { EnvironmentConfig } from './config.ts'
import { dashboard } from './dashboard.ts'
import { database } from './database.ts'
import { certificate, records } from './dns.ts'
import { filesBucket } from './files.ts'
import { firewall } from './firewall.ts'
import { imageRepository } from './image-repository.ts'
import { listener } from './listener.ts'
import { colours, loadBalancer } from './load-balancer.ts'
import { accessLogBucket } from './logs.ts'
import { lookRole } from './look-role.ts'
import { endpoints, flowLogs, network } from './network.ts'
import { nodes } from './nodes.ts'
import { operationsKey, ownKey } from './operations-key.ts'
import { OUTSIDE, outside } from './outside.ts'
import { deployRole } from './pipeline.ts'
import { podRoles } from './pod-roles.ts'
import { provisioner } from './provisioner.ts'
import { databaseProxy } from './proxy.ts'
import { resourceAlarms, type Watched } from './resource-alarms.ts'
import { applicationSecret } from './secrets.ts'
import { openStack, output } from './stack.ts'

/** The stacks of an environment, in the order in which they are deployed; deleted in the other. */
export const STACKS = ['ground', 'network', 'data', 'traffic', 'cluster', 'monitoring', 'outside'] as const

/** Everything of one environment. The stacks meet by exports, so that none can be deleted while another leans on it. */
export function environment(config: EnvironmentConfig, outdir: string): App {
  const app = new App({
    outdir,
    analyticsReporting: false,
    treeMetadata: false,
    builtinCloudFormationValidation: false, // see review.ts, which runs it too
    context: { ...flags, '@aws-cdk/core:defaultCrossStackReferences': 'strong', 'aws:cdk:disable-stack-trace': true },
  })
  const ground = groundStack(app, config)
  const vpc = networkStack(app, config, ground)
  const data = dataStack(app, config, { ...ground, vpc })
  const traffic = trafficStack(app, config, { ...ground, vpc })
  clusterStack(app, config, { ...ground, ...data, ...traffic, vpc })
  monitoringStack(app, config, ground, {
    ...traffic.watched,
    natGateways: vpc.publicSubnets
      .flatMap((subnet) => subnet.node.findAll())
      .flatMap((construct) => (construct instanceof ec2.CfnNatGateway ? [construct.ref] : [])),
  })
  outside(openStack(app, { ...config, region: OUTSIDE }, 'outside', 'OpenHCS: is it reached from outside'), config)
  return app
}

type Ground = ReturnType<typeof groundStack>

function groundStack(app: App, config: EnvironmentConfig) {
  const stack = openStack(
    app,
    config,
    'ground',
    'OpenHCS: what stays: images, logs, alarms, the budget and the pipeline',
  )
  const operations = operationsKey(stack, config)
  const accessLogs = accessLogBucket(stack, config)
  const topic = alarmTopic(stack, config, operations)
  monthlyBudget(stack, config, topic)
  const repository = imageRepository(stack, config)
  output(stack, 'ImageRepositoryUri', repository.attrRepositoryUri, 'Where images are pushed to')
  const deployer = deployRole(stack, config, {
    repository,
    provisioner: config.pipeline.provisions ? provisioner(stack, config) : undefined,
  })
  lookRole(stack, config)
  return { operations, accessLogs, topic, deployer }
}

function networkStack(app: App, config: EnvironmentConfig, { operations }: Ground): ec2.IVpc {
  const stack = openStack(app, config, 'network', 'OpenHCS: subnets in three zones, and their ways out')
  const vpc = network(stack, config)
  flowLogs(stack, config, vpc, operations)
  endpoints(stack, config, vpc)
  return vpc
}

function dataStack(app: App, config: EnvironmentConfig, { vpc, operations, accessLogs }: Ground & { vpc: ec2.IVpc }) {
  const stack = openStack(app, config, 'data', 'OpenHCS: database, files and secrets')
  const postgres = database(stack, config, { vpc, operations })
  const key = ownKey(stack, 'FilesKey', config, `Files of ${config.environment}`)
  const files = filesBucket(stack, config, { key, accessLogs })
  const secretKey = ownKey(stack, 'SecretsKey', config, `Secrets of ${config.environment}`)
  const secret = applicationSecret(stack, config, secretKey)
  const proxy = config.database.proxy ? databaseProxy(stack, config, { vpc, postgres, key: secretKey }) : undefined
  if (!config.ephemeral)
    backupPlan(stack, key, [...postgres.clusters.map((one) => one.attrDbClusterArn), files.bucketArn])
  return { postgres, proxy, files, filesKey: key, secret: secret.ref, secretKey }
}

function trafficStack(app: App, config: EnvironmentConfig, ground: Ground & { vpc: ec2.IVpc }) {
  const stack = openStack(app, config, 'traffic', 'OpenHCS: load balancer, its two colours, firewall and names')
  const balancer = loadBalancer(stack, config, ground)
  const { blue, green } = colours(stack, config, ground.vpc)
  const proof = certificate(stack, config)
  listener(stack, config, { balancer, colours: { blue, green }, certificate: proof })
  firewall(stack, config, { balancer, operations: ground.operations })
  records(stack, config, balancer)
  const watched = {
    balancer: balancer.loadBalancerFullName,
    targetGroups: [blue.attrTargetGroupFullName, green.attrTargetGroupFullName],
    certificateArn: proof.ref,
  }
  return { balancer, targetGroups: [blue, green], watched }
}

type Below = Ground & ReturnType<typeof dataStack> & ReturnType<typeof trafficStack> & { vpc: ec2.IVpc }

function clusterStack(app: App, config: EnvironmentConfig, below: Below): void {
  const stack = openStack(app, config, 'cluster', 'OpenHCS: Kubernetes, its nodes, and what its pods may do')
  const made = cluster(stack, config, below)
  connect(stack, made, {
    balancer: balancerGroup(below),
    database: below.postgres.securityGroup,
    proxy: below.proxy,
  })
  const machines = nodes(stack, config, { vpc: below.vpc, cluster: made })
  addons(stack, config, { cluster: made, nodes: machines, operations: below.operations })
  podRoles(stack, made, below)
  access(stack, config, { cluster: made, deployer: below.deployer })
}

function balancerGroup({ balancer }: Below): ec2.ISecurityGroup {
  const [group] = balancer.connections.securityGroups
  if (!group) throw new Error('The load balancer has no security group')
  return group
}

function monitoringStack(app: App, config: EnvironmentConfig, { topic }: Ground, watched: Watched): void {
  const stack = openStack(app, config, 'monitoring', 'OpenHCS: alarms and the dashboard')
  burnAlarms({ stack, config, topic }, watched.balancer)
  resourceAlarms({ stack, config, topic }, watched)
  dashboard({ stack, config, topic }, watched)
}
