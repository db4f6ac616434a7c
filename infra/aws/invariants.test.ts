import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parse } from 'yaml'
import { committed } from './committed.ts'
import { brokenInvariants, invariantNames } from './invariants.ts'
import { production } from './production.ts'
import { staging } from './staging.ts'
import { at, type Properties, type Resource, type Template, type Templates } from './template.ts'

// On the committed templates, which synth.test.ts holds to what is synthesised: so a violation is planted in milliseconds.

const read = (environment: string): Templates =>
  Object.fromEntries(
    [...committed(environment)]
      .filter(([name]) => name.endsWith('.yaml'))
      .map(([name, text]) => [name.slice(0, -'.yaml'.length), parse(text, { version: '1.1' }) as Template]),
  )
const ours = read('production')

/** The first resource of this type whose logical id begins so. */
function one(templates: Templates, type: string, begins = ''): Resource & { Properties: Properties } {
  const found = Object.values(templates)
    .flatMap(({ Resources }) => Object.entries(Resources))
    .find(([id, { Type }]) => Type === type && id.startsWith(begins))
  assert.ok(found?.[1].Properties, `${type} ${begins}`)
  return found[1] as Resource & { Properties: Properties }
}

function without(templates: Templates, type: string, keep: (resource: Resource) => boolean = () => false): void {
  for (const { Resources } of Object.values(templates))
    for (const [id, resource] of Object.entries(Resources))
      if (resource.Type === type && !keep(resource)) delete Resources[id]
}

const set = (type: string, properties: Properties, begins?: string) => (templates: Templates) => {
  Object.assign(one(templates, type, begins).Properties, properties)
}
const policy = (statement: object) => ({ PolicyDocument: { Statement: [{ Effect: 'Allow', ...statement }] } })
const trust = (statement: object) => ({ AssumeRolePolicyDocument: { Statement: [{ Effect: 'Allow', ...statement }] } })

const trustOf = (templates: Templates, begins: string) =>
  at(one(templates, ROLE, begins).Properties, 'AssumeRolePolicyDocument', 'Statement') as object[]

const world = { CidrIp: '0.0.0.0/0', IpProtocol: 'tcp' }
const SECURITY_GROUP = 'AWS::EC2::SecurityGroup'
const INGRESS = 'AWS::EC2::SecurityGroupIngress'
const DATABASE = 'AWS::RDS::DBCluster'
const BUCKET = 'AWS::S3::Bucket'
const LISTENER = 'AWS::ElasticLoadBalancingV2::Listener'
const RULE = 'AWS::ElasticLoadBalancingV2::ListenerRule'
const TARGETS = 'AWS::ElasticLoadBalancingV2::TargetGroup'
const BALANCER = 'AWS::ElasticLoadBalancingV2::LoadBalancer'
const POLICY = 'AWS::IAM::ManagedPolicy'
const ROLE = 'AWS::IAM::Role'
const CLUSTER = 'AWS::EKS::Cluster'
const NODES = 'AWS::EKS::Nodegroup'
const ADDON = 'AWS::EKS::Addon'
const ALARM = 'AWS::CloudWatch::CompositeAlarm'
const TEMPLATE = 'AWS::EC2::LaunchTemplate'

const violations: [name: string, plant: (templates: Templates) => void, complaint: RegExp][] = [
  [
    'SSH from anywhere',
    set(SECURITY_GROUP, { SecurityGroupIngress: [{ ...world, FromPort: 22, ToPort: 22 }] }),
    /not on 443/,
  ],
  [
    'a range that includes 443',
    set(SECURITY_GROUP, { SecurityGroupIngress: [{ ...world, FromPort: 443, ToPort: 8443 }] }),
    /not on 443/,
  ],
  [
    'IPv6 from anywhere',
    set(INGRESS, { CidrIpv6: '::/0', FromPort: 5432, ToPort: 5432, IpProtocol: 'tcp' }),
    /not on 443/,
  ],
  ['every port for the neighbours', set(INGRESS, { IpProtocol: '-1' }), /more than one port/],
  ['a subnet that gives out addresses', set('AWS::EC2::Subnet', { MapPublicIpOnLaunch: true }), /public addresses/],
  ['a zone without a subnet', set('AWS::EC2::Subnet', { AvailabilityZone: 'x' }, 'Vpcisolated'), /missing in eu-cent/],
  [
    'a way out of the isolated subnets',
    set('AWS::EC2::Route', { RouteTableId: { Ref: 'VpcisolatedSubnet1RouteTable' } }),
    /a way out of Vpcisolated/,
  ],
  [
    'private subnets by the internet gateway',
    set('AWS::EC2::Route', { GatewayId: 'x', NatGatewayId: undefined }, 'Vpcprivate'),
    /a way out of Vpcprivate/,
  ],
  ['no NAT gateway', (t) => without(t, 'AWS::EC2::NatGateway'), /0 NAT gateways instead of 3/],
  ['NAT without an elastic IP', set('AWS::EC2::NatGateway', { AllocationId: 'eipalloc-1' }), /has no elastic IP/],
  ['a load balancer in the default group', set(BALANCER, { SecurityGroups: [] }), /names no security group/],
  [
    'an endpoint without a group',
    set('AWS::EC2::VPCEndpoint', { SecurityGroupIds: [] }, 'Vpcecr'),
    /endpoint.*names no/,
  ],
  [
    'uploads by the internet',
    set('AWS::EC2::VPCEndpoint', { RouteTableIds: [] }, 'VpcS3Endpoint'),
    /Vpcprivate.*leads to S3 by the internet/,
  ],
  ['flow logs of refusals only', set('AWS::EC2::FlowLog', { TrafficType: 'REJECT' }), /not all traffic/],
  ['no flow logs', (t) => without(t, 'AWS::EC2::FlowLog'), /there is no AWS::EC2::FlowLog/],

  ['an open disk of the database', set(DATABASE, { StorageEncrypted: false }), /is not encrypted/],
  ["the database under AWS's key", set(DATABASE, { KmsKeyId: undefined }), /no key of its own/],
  ['a week of backups', set(DATABASE, { BackupRetentionPeriod: 7 }), /less than 35 days/],
  ['a database without IAM', set(DATABASE, { EnableIAMDatabaseAuthentication: false }), /no IAM authentication/],
  ['a password in the template', set(DATABASE, { ManageMasterUserPassword: false }), /somebody knows/],
  ['an unprotected database', set(DATABASE, { DeletionProtection: false }), /wrong deletion protection/],
  ['an older PostgreSQL', set(DATABASE, { EngineVersion: '17.9' }), /is not PostgreSQL 18/],
  [
    'a database without TLS',
    set('AWS::RDS::DBClusterParameterGroup', { Parameters: { 'rds.force_ssl': '0' } }),
    /does not demand TLS/,
  ],
  ['values in the log', set('AWS::RDS::DBClusterParameterGroup', { Parameters: {} }), /logs what statements are given/],
  ['a public database', set('AWS::RDS::DBInstance', { PubliclyAccessible: true }), /DatabaseInstance1: is public/],
  ['one instance', (t) => without(t, 'AWS::RDS::DBInstance', (r) => r === one(t, r.Type)), /in one zone/],
  ['a bucket that may become public', set(BUCKET, { PublicAccessBlockConfiguration: {} }), /may become public/],
  ['a bucket without versions', set(BUCKET, { VersioningConfiguration: undefined }), /keeps no versions/],
  [
    'an open bucket',
    set(BUCKET, { BucketEncryption: undefined }),
    /Files.*is not encrypted|AccessLogs.*is not encrypt/,
  ],
  ['a bucket without TLS', set('AWS::S3::BucketPolicy', policy({})), /permits unencrypted connections/],
  ['a secret in the template', set('AWS::SecretsManager::Secret', { SecretString: 'x' }), /written in the template/],
  [
    'a proxy that nobody asked for, and that takes anything',
    (t) => {
      const Properties = { RequireTLS: false, DebugLogging: true, Auth: [{ ClientPasswordAuthType: 'POSTGRES_MD5' }] }
      Object.assign(t.data?.Resources ?? {}, { DatabaseProxy: { Type: 'AWS::RDS::DBProxy', Properties } })
    },
    /against the configuration[\s\S]*demand TLS[\s\S]*logs statements[\s\S]*than SCRAM/,
  ],
  ["a secret under AWS's key", set('AWS::SecretsManager::Secret', { KmsKeyId: undefined }), /Secret: has no key/],
  ['a key for ever', set('AWS::KMS::Key', { EnableKeyRotation: false }), /is never changed/],
  ['a log for ever', set('AWS::Logs::LogGroup', { RetentionInDays: undefined }), /kept for ever/],
  ['an open log', set('AWS::Logs::LogGroup', { KmsKeyId: undefined }), /not encrypted by our key/],
  [
    'data that goes with its stack',
    (t) => {
      one(t, DATABASE).DeletionPolicy = 'Delete'
    },
    /would be deleted with its stack/,
  ],
  ['a tag that moves', set('AWS::ECR::Repository', { ImageTagMutability: 'MUTABLE' }), /lets a tag move/],
  ['images unseen', set('AWS::ECR::Repository', { ImageScanningConfiguration: {} }), /does not scan/],

  ['one colour', set(LISTENER, { DefaultActions: [{ Type: 'forward' }] }), /does not weigh the two colours/],
  ['weights for good', (t) => weigh(one(t, LISTENER).Properties.DefaultActions), /does not weigh the two colours/],
  ['a preview of the live colour', (t) => swap(t), /does not lead to the idle colour/],
  ['no preview', (t) => without(t, RULE), /does not lead to the idle colour/],
  ['a health check of nothing', set(TARGETS, { HealthCheckPath: '/' }), /something else than \/readyz/],
  ['targets by machine', set(TARGETS, { TargetType: 'instance' }), /is not of addresses/],
  ['another port', set(TARGETS, { Port: 80 }), /is not on 8080/],
  ['plain HTTP', set(LISTENER, { Protocol: 'HTTP', Port: 80 }), /is not HTTPS on 443/],
  ['old TLS', set(LISTENER, { SslPolicy: 'ELBSecurityPolicy-2016-08' }), /speaks less than TLS/],
  ['no HSTS', set(LISTENER, { ListenerAttributes: [] }), /sends no HSTS/],
  ['a door without a log', set(BALANCER, { LoadBalancerAttributes: [] }), /writes no log/],
  ['no limit', set('AWS::WAFv2::WebACL', { Rules: [] }), /knows no limit/],
  ['a firewall before nothing', (t) => without(t, 'AWS::WAFv2::WebACLAssociation'), /WebACLAssociation is missing/],
  ['a firewall that forgets', (t) => without(t, 'AWS::WAFv2::LoggingConfiguration'), /LoggingConfiguration is missing/],
  ['names unchecked', (t) => without(t, 'AWS::Route53::RecordSet'), /no record has a health check/],

  ['a role for everything', set(POLICY, policy({ Action: '*', Resource: '*' })), /may \*/],
  ['a service as a whole', set(POLICY, policy({ Action: 's3:*', Resource: 'x' })), /may s3:\*/],
  ['writing anywhere', set(POLICY, policy({ Action: ['s3:PutObject'], Resource: ['*'] })), /s3:PutObject on anything/],
  [
    'an inline policy for everything',
    set(ROLE, { Policies: [policy({ Action: 'iam:*', Resource: '*' })] }),
    /may iam:\*/,
  ],
  [
    'an administrator',
    set(ROLE, { ManagedPolicyArns: ['arn:aws:iam::aws:policy/AdministratorAccess'] }),
    /has AdministratorAccess/,
  ],
  [
    "PowerUserAccess in production's pipeline",
    set(ROLE, { ManagedPolicyArns: ['arn:aws:iam::aws:policy/PowerUserAccess'] }, 'DeployRole'),
    /has PowerUserAccess/,
  ],
  [
    'any branch',
    set(ROLE, trust({ Principal: { Federated: 'x' }, Condition: { StringLike: { 'x:sub': 'repo:a/b:*' } } })),
    /trusts more than one subject/,
  ],
  [
    'a subject with an asterisk',
    set(
      ROLE,
      trust({ Principal: { Federated: 'x' }, Condition: { StringEquals: { 'x:sub': 'repo:a/*', 'x:aud': 'y' } } }),
    ),
    /trusts more than one subject/,
  ],
  [
    'evidence that carries itself out',
    set(POLICY, policy({ Action: ['cloudformation:ExecuteChangeSet'], Resource: 'x' }), 'LookPolicy'),
    /LookRole\w*: could cloudformation:ExecuteChangeSet/,
  ],
  [
    'evidence by a policy of AWS',
    set(ROLE, { ManagedPolicyArns: ['arn:aws:iam::aws:policy/ReadOnlyAccess'] }, 'LookRole'),
    /LookRole\w*: has a policy that is not written here/,
  ],
  [
    'evidence by whoever releases',
    (t) => {
      trustOf(t, 'DeployRole').push(...trustOf(t, 'LookRole'))
    },
    /DeployRole\w*: could ecr:PutImage/,
  ],
  [
    'evidence by what is not named',
    set(POLICY, policy({ NotAction: ['iam:*'], Resource: 'x' }), 'LookPolicy'),
    /LookRole\w*: could do what is not named/,
  ],
  [
    'evidence for whoever releases',
    (t) => trustOf(t, 'LookRole').push(...trustOf(t, 'DeployRole')),
    /LookRole\w*: is for others too/,
  ],
  [
    'evidence by nobody',
    (t) => without(t, ROLE),
    /nobody is trusted for repo:openhcs\/openhcs:environment:production-diff/,
  ],
  [
    'uploads to a bucket of anybody',
    set(POLICY, policy({ Action: ['s3:PutObject'], Resource: 'x' }), 'ServicePolicy'),
    /ServiceRole: may, of whatever account/,
  ],
  [
    'pods that empty the bucket for good',
    set(POLICY, policy({ Action: 's3:DeleteObjectVersion', Resource: 'x' }), 'ServicePolicy'),
    /ServiceRole: may s3:DeleteObjectVersion/,
  ],
  ['pods without uploads', set(POLICY, policy({ Action: [] }), 'ServicePolicy'), /ServiceRole: may not s3:PutObject/],
  ['a role for another account', set(ROLE, trust({ Principal: { AWS: '*' } })), /taken by an account/],
  ['a role for any pod', set(ROLE, trust({ Principal: { Service: 'pods.eks.amazonaws.com' } })), /is for any pod/],

  ['another Kubernetes', set(CLUSTER, { Version: '1.35' }), /is not Kubernetes 1\.36/],
  [
    'a public API',
    set(CLUSTER, { ResourcesVpcConfig: { EndpointPublicAccess: true, SecurityGroupIds: ['x'] } }),
    /is reached from the internet/,
  ],
  ['a silent cluster', set(CLUSTER, { Logging: {} }), /does not write all its logs/],
  ['open Kubernetes secrets', set(CLUSTER, { EncryptionConfig: [] }), /without a key of ours/],
  ['a maker who owns', set(CLUSTER, { AccessConfig: {} }), /is owned by who made it/],
  ['nodes elsewhere', set(NODES, { Subnets: [{ 'Fn::ImportValue': 'public' }] }), /are elsewhere/],
  ['machines that answer pods', set(TEMPLATE, { LaunchTemplateData: {} }), /answers pods/],
  ['machines with an open disk', set(TEMPLATE, { LaunchTemplateData: {} }), /has an open disk/],
  ['no measurements', (t) => without(t, ADDON, (r) => r.Properties?.AddonName !== 'metrics-server'), /metrics-server/],
  ['NetworkPolicies that nobody keeps', set(ADDON, { ConfigurationValues: '{}' }, 'Addonvpccni'), /would not be kept/],
  ['an alarm for nobody', set(ALARM, { AlarmActions: [] }), /tells nobody/],
  ['an alarm without advice', set(ALARM, { AlarmDescription: 'Good luck' }), /names no run book/],
  [
    'an output by another name',
    (t) => {
      delete t.traffic?.Outputs?.ListenerArn
    },
    /the output ListenerArn is missing/,
  ],
  [
    'code that runs while deploying',
    (t) => {
      Object.assign(t.network?.Resources ?? {}, { Hook: { Type: 'Custom::Hook' } })
    },
    /Hook: is a Custom::Hook/,
  ],
]

function weigh(actions: unknown): void {
  const [{ ForwardConfig }] = actions as [{ ForwardConfig: { TargetGroups: { Weight: unknown }[] } }]
  for (const group of ForwardConfig.TargetGroups) group.Weight = 50
}

function swap(templates: Templates): void {
  const live = structuredClone(one(templates, LISTENER).Properties.DefaultActions)
  one(templates, RULE, 'PreviewRule').Properties.Actions = live
}

describe('the invariants', () => {
  it('hold for what is committed', () => {
    assert.deepEqual(brokenInvariants(ours, production), [])
    assert.deepEqual(brokenInvariants(read('staging'), staging), [])
  })

  const broken = new Set<string>()
  for (const [name, plant, complaint] of violations)
    it(`find ${name}`, () => {
      const templates = structuredClone(ours)
      plant(templates)
      const found = brokenInvariants(templates, production)
      assert.match(found.join('\n'), complaint)
      for (const each of invariantNames) if (found.some((line) => line.includes(each))) broken.add(each)
    })

  it('find what would stay behind of an ephemeral environment', () => {
    const templates = read('staging')
    one(templates, BUCKET).DeletionPolicy = 'Retain'
    assert.match(brokenInvariants(templates, staging).join('\n'), /would stay behind/)
  })

  it('were each seen to be broken', () => {
    assert.deepEqual([...broken].sort(), [...invariantNames].sort())
  })
})
