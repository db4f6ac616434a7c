/**
 * Who may import whom. The arrows point one way: services/* → fhir/ → platform/. Each rule has a planted violation in
 * tests/architecture/walls.test.ts; add one there with every rule here. Needs TypeScript 6: with 7 this tool parses
 * nothing and is content, which is what that test is for.
 */

/** Files of ours, as opposed to packages and Node's own modules. */
const ours = '^(?!\\.\\./|#|.*node_modules/).*\\.(ts|tsx|mts|json)$'
/** Tests, and what only they use: `testing.ts` of the ground or of a room. */
const test = '(\\.test|(^|/)testing)\\.ts$'
/** What may be reached into from tests, and never from what is shipped. */
const anything = '^(main\\.ts|rooms\\.ts|services\\.ts|commands/|tests/|bench/|scripts/|infra/)'
const contract = '^services/[^/]+/contract(\\.ts$|/)'
const queries = '/queries(\\.ts$|/)'
const routes = '/routes(\\.ts$|/)'
const npm = (name) => `node_modules/${name}(/|$)`

/** `from` may reach only these files of ours; packages are not meant. */
const only = (name, comment, from, allowed) => ({
  name,
  comment,
  severity: 'error',
  from,
  to: { path: ours, pathNot: allowed },
})

/** As a value, that is: a type leaves nothing behind in what runs. */
const valueOnlyIn = (name, comment, packageName, allowed) => ({
  name,
  comment,
  severity: 'error',
  from: { pathNot: [anything, test, ...allowed] },
  to: { path: npm(packageName), dependencyTypesNot: ['type-only'] },
})

module.exports = {
  forbidden: [
    only(
      'rooms-meet-at-contracts',
      "A room sees itself, the ground, FHIR and other rooms' contracts.",
      { path: '^services/([^/]+)/', pathNot: [test, contract] },
      ['^services/$1/', '^platform/', '^fhir/', contract],
    ),
    only(
      'room-tests-stay-near',
      "A room's test may open other rooms as a whole, and use the fakes in tests/.",
      { path: `^services/([^/]+)/.*${test}` },
      [
        '^services/$1/',
        '^platform/',
        '^fhir/',
        contract,
        '^services\\.ts$',
        '^services/[^/]+/service\\.ts$',
        '^tests/',
      ],
    ),
    {
      name: 'contracts-are-pure',
      comment: 'A contract is data: it may be read anywhere, so it may need nothing.',
      severity: 'error',
      from: { path: contract },
      to: { pathNot: [npm('typebox'), '^platform/operation\\.ts$', contract] },
    },
    only('platform-knows-no-room', 'The ground carries everything and knows nothing of it.', { path: '^platform/' }, [
      '^platform/',
      '^package\\.json$',
    ]),
    only('fhir-knows-no-room', 'FHIR mechanics serve every room alike.', { path: '^fhir/' }, ['^fhir/', '^platform/']),
    only(
      'clients-know-only-the-api',
      'The portal and the SDK live on the OpenAPI document.',
      { path: '^(portal|sdk)/' },
      ['^portal/', '^sdk/', '^docs/openapi\\.json$'],
    ),
    only(
      'demo-uses-the-front-door',
      'The fictional country is loaded through contracts and SQL; its hours are expanded by the one code that can.',
      { path: '^demo/', pathNot: test },
      ['^demo/', '^platform/', contract, '^services/scheduling/(expand-hours|wall-clock)\\.ts$'],
    ),
    {
      name: 'demo-needs-only-pg',
      comment: 'Demonstration data must not bring packages with it.',
      severity: 'error',
      from: { path: '^demo/', pathNot: test },
      to: { path: 'node_modules/', pathNot: npm('pg'), dependencyTypesNot: ['type-only'] },
    },
    valueOnlyIn('sql-in-queries', 'All SQL of a room is in its queries.', 'kysely', [
      queries,
      '^platform/',
      '^fhir/store/',
      '^demo/', // has a rule of its own
    ]),
    valueOnlyIn('http-in-routes', 'Rules do not know how they are asked.', 'fastify', [
      routes,
      '^platform/',
      '^fhir/router\\.ts$',
      '^demo/',
    ]),
    {
      name: 'testing-in-tests',
      comment: 'The test house opens doors that must not exist in what is shipped.',
      severity: 'error',
      from: { pathNot: [test, '^tests/', '^bench/', '^scripts/', '^infra/'] },
      to: { path: [test, '^tests/', '^bench/'] },
    },
    {
      name: 'no-development-packages',
      comment: 'What runs may need only what is installed without development packages.',
      severity: 'error',
      from: { path: '\\.ts$', pathNot: [test, '^tests/', '^bench/', '^scripts/', '^infra/'] },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-cycles',
      comment: 'Files that need one another are one file, or the third one that both need is missing.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'imports-exist',
      comment: 'An import that cannot be resolved escapes every other rule.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(\\.openhcs|coverage)/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: 'specify',
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'node', 'default'] },
  },
}
