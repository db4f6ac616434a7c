import { at, type Found, listAt, resources, type Templates } from '../template.ts'
import type { Invariant } from './invariant.ts'

interface Statement {
  where: string
  statement: unknown
}

/** Of what roles may do, not of who may take them. */
function permissions(templates: Templates): Statement[] {
  const policies = resources(templates, 'AWS::IAM::ManagedPolicy', 'AWS::IAM::Policy').flatMap(
    ({ where, properties }) =>
      listAt(properties, 'PolicyDocument', 'Statement').map((statement) => ({ where, statement })),
  )
  const inline = resources(templates, 'AWS::IAM::Role').flatMap(({ where, properties }) =>
    listAt(properties, 'Policies').flatMap((policy) =>
      listAt(policy, 'PolicyDocument', 'Statement').map((statement) => ({ where, statement })),
    ),
  )
  return [...policies, ...inline]
}

const trusts = (templates: Templates): Statement[] =>
  resources(templates, 'AWS::IAM::Role').flatMap(({ where, properties }) =>
    listAt(properties, 'AssumeRolePolicyDocument', 'Statement').map((statement) => ({ where, statement })),
  )

const actions = ({ statement }: Statement) => listAt(statement, 'Action').map(String)
const LOOKS = /:(BatchGet|Describe|Get|List|Validate)/

const noWildcards: Invariant = {
  name: 'no role may do everything, or everywhere',
  problems: (templates) =>
    permissions(templates).flatMap((each) => {
      const everywhere = listAt(each.statement, 'Resource').includes('*') && !at(each.statement, 'Condition')
      return [
        ...actions(each)
          .filter((action) => action.includes('*'))
          .map((action) => `${each.where}: may ${action}`),
        ...actions(each)
          .filter((action) => everywhere && !LOOKS.test(action))
          .map((action) => `${each.where}: may ${action} on anything`),
      ]
    }),
}

const BROAD = /policy\/(AdministratorAccess|PowerUserAccess|IAMFullAccess|\w+FullAccess)/
const noBroadPolicies: Invariant = {
  name: 'no role has a broad policy of AWS, but for the one that makes an ephemeral environment',
  problems: (templates, { pipeline }) =>
    resources(templates, 'AWS::IAM::Role').flatMap(({ where, properties }) => {
      const broad = BROAD.exec(JSON.stringify(properties.ManagedPolicyArns ?? []))?.[1]
      const permitted = pipeline.provisions && where.startsWith('ground/ProvisionRole') && broad === 'PowerUserAccess'
      return broad && !permitted ? [`${where}: has ${broad}`] : []
    }),
}

const exactSubjects: Invariant = {
  name: 'pipelines are believed for one subject exactly',
  problems: (templates) =>
    trusts(templates)
      .filter(({ statement }) => at(statement, 'Principal', 'Federated'))
      .flatMap(({ where, statement }) => {
        const equals = Object.entries((at(statement, 'Condition', 'StringEquals') ?? {}) as Record<string, unknown>)
        const exact = (ending: string) =>
          equals.some(([key, value]) => key.endsWith(ending) && typeof value === 'string' && !value.includes('*'))
        return exact(':sub') && exact(':aud') ? [] : [`${where}: trusts more than one subject`]
      }),
}

const nobodyElse: Invariant = {
  name: 'roles are taken by services and pipelines only',
  problems: (templates) =>
    trusts(templates)
      .filter(({ statement }) => !at(statement, 'Principal', 'Service') && !at(statement, 'Principal', 'Federated'))
      .map(({ where }) => `${where}: may be taken by an account`),
}

const podsByName: Invariant = {
  name: 'a role of pods is for one service account of one cluster',
  problems: (templates) =>
    trusts(templates)
      .filter(({ statement }) => at(statement, 'Principal', 'Service') === 'pods.eks.amazonaws.com')
      .filter(({ statement }) =>
        ['eks-cluster-arn', 'kubernetes-namespace', 'kubernetes-service-account'].some(
          (tag) => !at(statement, 'Condition', 'StringEquals', `aws:RequestTag/${tag}`),
        ),
      )
      .map(({ where }) => `${where}: is for any pod`),
}

/** Of one role: written into it, or attached to it. */
function mayDo(templates: Templates, { where, properties }: Found): Statement[] {
  const id = where.split('/').at(-1)
  const attached = resources(templates, 'AWS::IAM::ManagedPolicy', 'AWS::IAM::Policy')
    .filter((policy) => listAt(policy.properties, 'Roles').some((role) => at(role, 'Ref') === id))
    .map((policy) => policy.properties)
  return [...attached, ...listAt(properties, 'Policies')].flatMap((policy) =>
    listAt(policy, 'PolicyDocument', 'Statement').map((statement) => ({ where, statement })),
  )
}

/** A change set that is not carried out is a way of looking. */
const ONLY_LOOKS = /:(Describe|Get|List|Validate)|^cloudformation:(Create|Delete)ChangeSet$/
const looksOnly: Invariant = {
  name: 'whoever gathers evidence before an approval can change nothing',
  problems(templates, { pipeline: { github } }) {
    const subject = `repo:${github.repository}:environment:${github.environment}-diff`
    const lookers = resources(templates, 'AWS::IAM::Role').filter(({ properties }) =>
      JSON.stringify(properties.AssumeRolePolicyDocument ?? {}).includes(`"${subject}"`),
    )
    if (lookers.length === 0) return [`nobody is trusted for ${subject}`]
    return lookers.flatMap((role) => {
      const done = mayDo(templates, role)
      return [
        listAt(role.properties, 'AssumeRolePolicyDocument', 'Statement').length > 1 && 'is for others too',
        listAt(role.properties, 'ManagedPolicyArns').length > 0 && 'has a policy that is not written here',
        done.some(({ statement }) => at(statement, 'NotAction')) && 'could do what is not named',
        ...done.flatMap(actions).map((action) => !ONLY_LOOKS.test(action) && `could ${action}`),
      ].flatMap((problem) => (problem ? [`${role.where}: ${problem}`] : []))
    })
  },
}

const UPLOADS = [
  's3:ListBucket',
  's3:GetObject',
  's3:PutObject',
  's3:DeleteObject',
  'kms:Decrypt',
  'kms:GenerateDataKey',
]
const ownUploads: Invariant = {
  name: 'pods of the service reach uploads, in our own bucket, and nothing else of AWS',
  problems(templates) {
    const role = resources(templates, 'AWS::IAM::Role').find(({ where }) => where.startsWith('cluster/ServiceRole'))
    const done = role ? mayDo(templates, role) : []
    const has = ({ statement }: Statement, key: string) => at(statement, 'Condition', 'StringEquals', key) !== undefined
    return [
      ...UPLOADS.filter((action) => !done.flatMap(actions).includes(action)).map((action) => `may not ${action}`),
      ...done.flatMap((each) => [
        ...actions(each)
          .filter((action) => !UPLOADS.includes(action))
          .map((action) => `may ${action}`),
        ...(has(each, 'aws:ResourceAccount') || has(each, 'kms:ViaService') ? [] : ['may, of whatever account']),
      ]),
    ].map((problem) => `cluster/ServiceRole: ${problem}`)
  },
}

export const accessInvariants: Invariant[] = [
  noWildcards,
  noBroadPolicies,
  exactSubjects,
  nobodyElse,
  podsByName,
  looksOnly,
  ownUploads,
]
