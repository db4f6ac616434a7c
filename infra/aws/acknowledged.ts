import type { EnvironmentConfig } from './config.ts'

/** Findings that are as they should be, and why. */
export interface Acknowledgement {
  reason: string
  /** `<rule> <where>`; an ellipsis stands for anything. Each line must match something, or `make synth` fails. */
  findings: string[]
  /** Where it differs between the environments. */
  only?: EnvironmentConfig['environment']
}

const managed = (policy: string, role: string) =>
  `AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/${policy}] ${role}/Resource`

/** The one place for exceptions. A change here is a change of what we promise, and is reviewed as one. */
export const acknowledged: Acknowledgement[] = [
  {
    reason: 'An API for the public is reached from anywhere, on 443 alone; the firewall stands before it.',
    findings: ['AwsSolutions-EC23 traffic/LoadBalancerSecurityGroup/Resource'],
  },
  {
    reason: 'The public subnets hold the load balancer and NAT only, and give out no public addresses by themselves.',
    findings: ['HIPAA.Security-VPCNoUnrestrictedRouteToIGW network/Vpc/publicSubnet…/DefaultRoute'],
  },
  {
    reason:
      'CloudFormation cannot empty the default group without a Lambda function. Nothing is in it, which is an invariant; infra/README.md has the command that empties it.',
    findings: ['HIPAA.Security-VPCDefaultSecurityGroupClosed network/Vpc/Resource'],
  },
  {
    reason: 'Zones are chosen in the configuration: synthesis must not ask AWS, and three must be three.',
    findings: ['W3010 network/Vpc…', 'W3010 data/DatabaseInstance…'],
  },
  {
    reason: "The CDK writes it, and EKS's API still demands it.",
    findings: ['W9009 cluster/ClusterEB0386A7'],
  },
  {
    reason:
      "AWS keeps these in step with what its own component does; a copy of ours would break with that component's next version.",
    findings: [
      managed('AmazonEKSClusterPolicy', 'cluster/Cluster/Role'),
      managed('AmazonEKSWorkerNodePolicy', 'cluster/NodeRole'),
      managed('AmazonEC2ContainerRegistryPullOnly', 'cluster/NodeRole'),
      managed('AmazonSSMManagedInstanceCore', 'cluster/NodeRole'),
      managed('AmazonEKS_CNI_Policy', 'cluster/PodNetworkRole'),
      managed('CloudWatchAgentServerPolicy', 'cluster/InsightsRole'),
      managed('service-role/AmazonRDSEnhancedMonitoringRole', 'data/DatabaseMonitoringRole'),
    ],
  },
  {
    reason: 'AWS Backup reads what it copies by these, and gains what a new kind of resource needs.',
    only: 'production',
    findings: [
      managed('service-role/AWSBackupServiceRolePolicyForBackup', 'data/BackupRole'),
      managed('AWSBackupServiceRolePolicyForS3Backup', 'data/BackupRole'),
    ],
  },
  {
    reason:
      'CloudFormation itself needs it to make and remove an environment that may be made and removed, in an account that holds nothing else.',
    only: 'staging',
    findings: [
      managed('PowerUserAccess', 'ground/ProvisionRole'),
      'AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:iam::<AWS::AccountId>:role/openhcs-staging-*] ground/ProvisionPolicy/Resource',
      'AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:iam::<AWS::AccountId>:policy/openhcs-staging-*] ground/ProvisionPolicy/Resource',
    ],
  },
  {
    reason:
      'Calls that list or describe, and a registry log-in, know no resource; what changes something is named or tagged.',
    findings: [
      'AwsSolutions-IAM5[Resource::*] ground/DeployPolicy/Resource',
      'AwsSolutions-IAM5[Resource::*] ground/LookPolicy/Resource',
      'AwsSolutions-IAM5[Resource::*] cluster/TargetBindingPolicy/Resource',
      'AwsSolutions-IAM5[Resource::*] cluster/AutoscalerPolicy/Resource',
    ],
  },
  {
    reason:
      'AWS ends these names with an identifier of its own; what is before it is exact, or a tag of the cluster is.',
    findings: [
      'AwsSolutions-IAM5[Resource::…:listener/app/openhcs-…/*] ground/DeployPolicy/Resource',
      'AwsSolutions-IAM5[Resource::…:listener-rule/app/openhcs-…/*] ground/DeployPolicy/Resource',
      'AwsSolutions-IAM5[Resource::…:stack/openhcs-…-*/*] ground/DeployPolicy/Resource',
      'AwsSolutions-IAM5[Resource::…:stack/openhcs-…-*/*] ground/LookPolicy/Resource',
      'AwsSolutions-IAM5[Resource::…:stack/openhcs-…-outside/*] ground/DeployPolicy/Resource',
      'AwsSolutions-IAM5[Resource::…:stack/openhcs-…-outside/*] ground/LookPolicy/Resource',
      'AwsSolutions-IAM5[Resource::…:instance/*] ground/DeployPolicy/Resource',
      'AwsSolutions-IAM5[Resource::…:session/<aws:userid>-*] ground/DeployPolicy/Resource',
    ],
  },
  {
    reason: 'All objects of the one bucket that is for the service.',
    findings: [
      'AwsSolutions-IAM5[Resource::…-data:ExportsOutputFnGetAttFiles8E6940B8ArnD8EE6C03/*] cluster/ServicePolicy/Resource',
    ],
  },
  {
    reason:
      'The bucket of access logs: a log of its own would log its own writing; the load balancer writes with the key of S3 only; logs are not worth a second region.',
    findings: [
      'AwsSolutions-S1 ground/AccessLogs/Resource',
      'HIPAA.Security-S3BucketLoggingEnabled ground/AccessLogs/Resource',
      'HIPAA.Security-S3DefaultEncryptionKMS ground/AccessLogs/Resource',
      'HIPAA.Security-S3BucketReplicationEnabled ground/AccessLogs/Resource',
    ],
  },
  {
    reason:
      'Data stays in the region that its country chose. Old versions are kept for 90 days, and in production a locked vault holds a copy.',
    findings: ['HIPAA.Security-S3BucketReplicationEnabled data/Files/Resource'],
  },
  {
    reason:
      'It seals the audit and signs calls between rooms: changing it is a release, not a timer. The password of the database, which is another secret, changes every week.',
    findings: [
      'AwsSolutions-SMG4 data/ApplicationSecret',
      'HIPAA.Security-SecretsManagerRotationEnabled data/ApplicationSecret',
    ],
  },
  {
    reason: 'A condition is part of an alarm made of several, and that one tells people.',
    findings: [
      'HIPAA.Security-CloudWatchAlarmAction monitoring/…Condition/Resource',
      'HIPAA.Security-CloudWatchAlarmAction outside/ReachedCondition/Resource',
    ],
  },
  {
    reason:
      'Aurora is backed up as a cluster: production has it in its plan, staging keeps 35 days and no second copy.',
    findings: ['HIPAA.Security-RDSInBackupPlan data/DatabaseInstance…'],
  },
  {
    reason: 'Staging is deleted when nobody needs it, and holds fictional people only.',
    only: 'staging',
    findings: [
      'AwsSolutions-RDS10 data/Database',
      'HIPAA.Security-RDSInstanceDeletionProtectionEnabled data/Database',
      'HIPAA.Security-ELBDeletionProtectionEnabled traffic/LoadBalancer/Resource',
    ],
  },
]

/** What an environment with a proxy before its database has besides. */
const ofProxy: Acknowledgement[] = [
  {
    reason:
      'The rooms’ password is in a setting of the service too, and in every room’s login: changing it is a migration and a restart, not a timer.',
    findings: ['AwsSolutions-SMG4 data/Room…', 'HIPAA.Security-SecretsManagerRotationEnabled data/Room…'],
  },
]

export const acknowledgedIn = ({ database }: EnvironmentConfig): Acknowledgement[] =>
  database.proxy ? [...acknowledged, ...ofProxy] : acknowledged
