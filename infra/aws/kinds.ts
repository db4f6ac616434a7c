import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inYaml } from './committed.ts'
import type { Templates } from './template.ts'

/** A kind of resource that the project promises, the file whose construct makes it, and its types in CloudFormation. */
interface Kind {
  kind: string
  file: string
  construct: string
  types: string[]
}

export const KINDS: Kind[] = [
  { kind: 'EKS', file: 'cluster.ts', construct: '`eks.Cluster`', types: ['AWS::EKS::Cluster'] },
  { kind: 'VPC', file: 'network.ts', construct: '`ec2.Vpc`', types: ['AWS::EC2::VPC'] },
  { kind: 'subnets', file: 'network.ts', construct: '`ec2.Vpc`', types: ['AWS::EC2::Subnet'] },
  {
    kind: 'elastic load balancers',
    file: 'load-balancer.ts',
    construct: '`elb.ApplicationLoadBalancer`, `elb.CfnTargetGroup`',
    types: ['AWS::ElasticLoadBalancingV2::LoadBalancer', 'AWS::ElasticLoadBalancingV2::TargetGroup'],
  },
  {
    kind: 'load balancer rules (blue/green)',
    file: 'listener.ts',
    construct: '`elb.CfnListener`, `elb.CfnListenerRule`',
    types: ['AWS::ElasticLoadBalancingV2::Listener', 'AWS::ElasticLoadBalancingV2::ListenerRule'],
  },
  {
    kind: 'RDS',
    file: 'database.ts',
    construct: '`rds.CfnDBCluster`, `rds.CfnDBInstance`',
    types: ['AWS::RDS::DBCluster', 'AWS::RDS::DBInstance'],
  },
  {
    kind: 'EC2 security groups',
    file: 'load-balancer.ts, database.ts, network.ts, cluster.ts',
    construct: '`ec2.SecurityGroup`, `ec2.CfnSecurityGroupIngress`',
    types: ['AWS::EC2::SecurityGroup', 'AWS::EC2::SecurityGroupIngress'],
  },
  {
    kind: 'EC2 nodes',
    file: 'nodes.ts',
    construct: '`eks.CfnNodegroup`, `ec2.CfnLaunchTemplate`',
    types: ['AWS::EKS::Nodegroup', 'AWS::EC2::LaunchTemplate'],
  },
  { kind: 'NAT', file: 'network.ts', construct: '`ec2.Vpc`', types: ['AWS::EC2::NatGateway'] },
  { kind: 'route tables', file: 'network.ts', construct: '`ec2.Vpc`', types: ['AWS::EC2::RouteTable'] },
  {
    kind: 'IAM roles',
    file: 'pod-roles.ts, pipeline.ts, nodes.ts, …',
    construct: '`iam.Role`',
    types: ['AWS::IAM::Role'],
  },
  {
    kind: 'IAM policies',
    file: 'pod-roles.ts, pipeline.ts, network.ts',
    construct: '`iam.ManagedPolicy`',
    types: ['AWS::IAM::ManagedPolicy'],
  },
  {
    kind: 'CloudWatch',
    file: 'burn-alarms.ts, resource-alarms.ts, dashboard.ts',
    construct: '`cloudwatch.CompositeAlarm`, `cloudwatch.Dashboard`',
    types: ['AWS::CloudWatch::CompositeAlarm', 'AWS::CloudWatch::Dashboard'],
  },
  { kind: 'CloudWatch log groups', file: 'logs.ts', construct: '`logs.CfnLogGroup`', types: ['AWS::Logs::LogGroup'] },
  {
    kind: 'DNS route rules',
    file: 'dns.ts',
    construct: '`route53.CfnRecordSet`, `route53.CfnHealthCheck`',
    types: ['AWS::Route53::RecordSet', 'AWS::Route53::HealthCheck'],
  },
  { kind: 'internet gateways', file: 'network.ts', construct: '`ec2.Vpc`', types: ['AWS::EC2::InternetGateway'] },
  { kind: 'elastic IPs', file: 'network.ts', construct: '`ec2.Vpc`', types: ['AWS::EC2::EIP'] },
]

const SHOWN = 3
const README = join(import.meta.dirname, '../README.md')
const START = '<!-- kinds: written by make synth WRITE=1 -->'
const END = '<!-- /kinds -->'

/** The README with its table of kinds, each with the lines of production's templates that make it. */
export function readmeWith(templates: Templates): string {
  const rows = KINDS.map((each) => {
    const files = each.file.split(', ').map((name) => (name === '…' ? name : `[${name}](aws/${name})`))
    const lines = linesOf(each, templates)
    const more = lines.length > SHOWN ? ` and ${lines.length - SHOWN} more` : ''
    return `| ${each.kind} | ${each.construct} in ${files.join(', ')} | ${lines.slice(0, SHOWN).join(', ')}${more} |`
  })
  const table = ['| kind | construct | lines of production that make it |', '|---|---|---|', ...rows].join('\n')
  const [before, after] = [readme().split(START)[0], readme().split(END)[1]]
  if (before === undefined || after === undefined) throw new Error('infra/README.md: the marks of the table are gone')
  return `${before}${START}\n${table}\n${END}${after}`
}

export const readme = (): string => readFileSync(README, 'utf8')
export const writeReadme = (text: string): void => writeFileSync(README, text)

function linesOf({ types }: Kind, templates: Templates): string[] {
  return Object.entries(templates).flatMap(([stack, template]) => {
    const lines = inYaml(template).split('\n')
    return Object.entries(template.Resources)
      .filter(([, { Type }]) => types.includes(Type))
      .map(([id]) => {
        const line = lines.indexOf(`  ${id}:`) + 1
        return `[\`${id}\`](aws/templates/production/${stack}.yaml#L${line})`
      })
  })
}
