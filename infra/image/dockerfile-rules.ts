import { DockerfileParser, type From, type Instruction, type JSONInstruction } from 'dockerfile-ast'

/** What must hold of our Dockerfile; hadolint knows more, and runs in the public pipelines. */
export function dockerfileProblems(text: string): string[] {
  const file = DockerfileParser.parse(text)
  const instructions = file.getInstructions()
  const of = (keyword: string) => instructions.filter((one) => one.getKeyword() === keyword)
  const problems: string[] = []
  const complain = (one: Instruction, what: string) => problems.push(`line ${one.getRange().start.line + 1}: ${what}`)

  const stages = new Set(file.getFROMs().map((from) => from.getBuildStage()))
  for (const from of file.getFROMs())
    if (!isByDigest(from, stages)) complain(from, 'a base is given by digest, or by a build argument')
  for (const add of of('ADD')) complain(add, 'COPY says what it does; ADD fetches and unpacks')
  for (const keyword of ['RUN', 'CMD', 'ENTRYPOINT'])
    for (const one of of(keyword))
      if (!(one as JSONInstruction).getOpeningBracket())
        complain(one, `${keyword} in exec form: there is no shell in the image`)
  for (const one of [...of('ENV'), ...of('ARG')])
    if (/(password|secret|token|key)\s*=/i.test(one.getRawArgumentsContent() ?? ''))
      complain(one, 'a secret stays in the image for ever')

  const last = file.getFROMs().at(-1)?.getRange().start.line ?? 0
  const users = of('USER').filter((one) => one.getRange().start.line > last)
  const user = users.at(-1)?.getArgumentsContent() ?? 'root'
  if (!/^[1-9]\d{3,}(:[1-9]\d{3,})?$/.test(user))
    problems.push(`the image runs as ${user}: give a number that is not root's (Kubernetes checks numbers only)`)
  for (const keyword of ['HEALTHCHECK', 'LABEL', 'STOPSIGNAL'])
    if (!of(keyword).some((one) => one.getRange().start.line > last)) problems.push(`${keyword} is missing`)
  return problems
}

/** `scratch`, an earlier stage, `name@sha256:…`, or a build argument that has no default and so must be given. */
function isByDigest(from: From, stages: ReadonlySet<string | null>): boolean {
  const image = from.getImage() ?? ''
  return image === 'scratch' || stages.has(image) || /@sha256:[0-9a-f]{64}$/.test(image) || /^\$\{?\w+\}?$/.test(image)
}
