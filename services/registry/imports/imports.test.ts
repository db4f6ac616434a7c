import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { openRegistry } from '../testing.ts'

const HEAD = 'key,name,birthDate,gender,language,zone,phone,email\n'
const LINES = [
  'p-1,Saba Tesfaye,1987-06-05,female,am,Africa/Addis_Ababa,+12025550147,saba@example.org',
  'p-2,"Robert ""Bob"", the elder",1930-01-02,male,en,UTC,,',
]

async function openImports() {
  const opened = await openRegistry()
  const { house, administrator, rows } = opened
  const root = await administrator()
  const organisation = (await root.post('/v1/organisations', { name: 'O', city: 'C', country: 'GH' })).body.id as string
  const manager = await house.signedIn({ desk: { organisation, function: 'manager' } })
  const send = (content: string | Buffer, query = '', who = manager) =>
    who.upload(`/v1/imports?organisation=${organisation}&kind=patients${query}`, 'text/csv', Buffer.from(content))
  const run = async (content: string | Buffer, query = '&dryRun=false') => {
    const { status, body } = await send(content, query)
    assert.equal(status, 201, JSON.stringify(body))
    await house.work()
    const done = (await manager.get(`/v1/imports/${body.id}`)).body
    assert.equal(done.status, 'done')
    const { created, changed, unchanged, refused } = done
    return { id: body.id as string, counts: [created, changed, unchanged, refused] }
  }
  const patients = () => rows('select name, version from registry.patient order by name')
  return { ...opened, root, organisation, manager, send, run, patients }
}

describe('POST /v1/imports', async () => {
  const { house, root, organisation, manager, send, run, patients, rows } = await openImports()

  it('is a dry run unless said otherwise: it counts, and writes nothing', async () => {
    assert.deepEqual((await run(HEAD + LINES.join('\n'), '')).counts, [2, 0, 0, 0])
    assert.deepEqual(await patients(), [])
  })

  it('registers who is in the file, and the same file again changes nothing, whatever its line ends and mark', async () => {
    assert.deepEqual((await run(HEAD + LINES.join('\n'))).counts, [2, 0, 0, 0])
    assert.deepEqual(
      (await run(`\ufeff${(HEAD + LINES.join('\n')).replaceAll('\n', '\r\n')}\r\n`)).counts,
      [0, 0, 2, 0],
    )
    assert.deepEqual(await patients(), [
      { name: 'Robert "Bob", the elder', version: 1 },
      { name: 'Saba Tesfaye', version: 1 },
    ])
    const found = await manager.post(`/v1/organisations/${organisation}/patients/search`, { name: 'saba' })
    assert.equal(found.body.items.length, 1)
    assert.equal((await rows('select content from registry.import where content is not null')).length, 0)
  })

  it('changes what has changed, but not of somebody who has an account by now', async () => {
    const changed = HEAD + LINES.join('\n').replace('Saba', 'Sabá').replace('Robert', 'Bob')
    assert.deepEqual((await run(changed, '')).counts, [0, 2, 0, 0])
    await house.owner.query("update registry.patient set account_id = id where name like 'Saba%'")
    const { id, counts } = await run(changed)
    assert.deepEqual(counts, [0, 1, 0, 1])
    assert.match(
      (await manager.get(`/v1/imports/${id}/faults`)).body,
      /"2","p-1","key","is somebody who has an account/,
    )
  })

  it('tells what is wrong line by line, in a file that no spreadsheet runs', async () => {
    const naughty = [
      '=cmd|calc,A,2099-01-01,female,en,UTC,,',
      'p-9,A,1990-02-30,F,en,Nowhere/Land,+999,x',
      ',A,1990-01-01,other,en,UTC,,',
      'p-8,A,1990-01-01,other,en,UTC,,',
      'p-8,B,1990-01-01,other,en,UTC,,',
    ]
    const { id, counts } = await run(HEAD + naughty.join('\n'))
    assert.deepEqual(counts, [1, 0, 0, 4])
    const faults = (await manager.get(`/v1/imports/${id}/faults`)).body as string
    const [head, ...lines] = faults.trim().split('\r\n')
    assert.equal(head, 'line,key,field,fault')
    assert.equal(lines[0], `"2","'=cmd|calc","birthDate","must not be in the future"`)
    for (const field of ['birthDate', 'gender', 'zone', 'email'])
      assert.ok(
        lines.some((line) => line.startsWith(`"3","p-9","${field}"`)),
        field,
      )
    assert.ok(lines.some((line) => line.startsWith('"4","","key"')))
    assert.ok(lines.some((line) => line.startsWith('"6","p-8","key","stands in an earlier line')))
  })

  it('refuses files that it cannot read, and says why', async () => {
    for (const [content, why] of [
      [Buffer.from(HEAD + LINES[0], 'utf16le'), /NUL|UTF-8/],
      [Buffer.concat([Buffer.from(HEAD), Buffer.from('p,Jos\xe9,1990-01-01,male,es,UTC,,', 'latin1')]), /not UTF-8/],
      [`${HEAD}p-1,"open`, /line 2 \(a quote is not closed\)/],
      [`${HEAD}p-1,too,few`, /another number of values/],
      [`key,name\n1,2`, /no column birthDate/],
      [HEAD.replace('email', 'role'), /column 8 that is not known/],
      [HEAD.replace('email', 'phone'), /column phone twice/],
      [`${HEAD}${'x'.repeat(20_000)}`, /too long/],
      [`${HEAD}\0`, /NUL/],
    ] as const) {
      const { status, body } = await send(content)
      assert.equal(status, 422, `${why} ${JSON.stringify(body)}`)
      assert.match(body.errors[0].detail, why)
    }
    assert.equal((await send(HEAD + 'a,b,c,d,e,f,g,h\n'.repeat(20_001))).status, 422)
  })

  it('is for managers of the organisation and administrators', async () => {
    const desk = await house.signedIn({ desk: { organisation, function: 'desk' } })
    const foreign = await house.signedIn({ desk: { organisation: desk.account, function: 'manager' } })
    for (const who of [desk, foreign]) assert.equal((await send(HEAD, '', who)).status, 404)
    assert.equal((await send(HEAD, '', house.anonymous)).status, 401)
    assert.equal((await send(HEAD, '', await house.signedIn())).status, 403)
    const made = await send(HEAD, '', root)
    assert.equal(made.status, 201)
    assert.equal((await desk.get(`/v1/imports/${made.body.id}`)).status, 404)
    assert.equal((await foreign.get(`/v1/imports/${made.body.id}/faults`)).status, 404)
    assert.equal((await foreign.get(`/v1/imports?organisation=${organisation}`)).status, 404)
    assert.ok((await manager.get(`/v1/imports?organisation=${organisation}`)).body.items.length > 1)
  })

  it('goes through many lines in bites, and goes on where it was left', async () => {
    const many = Array.from({ length: 450 }, (_, n) => `m-${n},Person ${n},1990-01-01,other,en,UTC,,`)
    const { body } = await send(HEAD + many.join('\n'), '&dryRun=false')
    await house.owner.query('update registry.import set next_line = 300, created = 300 where id = $1', [body.id])
    await house.work()
    const done = (await manager.get(`/v1/imports/${body.id}`)).body
    assert.deepEqual([done.looked, done.created, done.refused], [450, 450, 0])
    assert.equal((await rows("select 1 from registry.patient where name like 'Person %'")).length, 150)
  })

  it('takes practitioners too, with several words in a cell', async () => {
    const head = 'key,name,gender,languages,specialities,about\n'
    const lines = 'd-1,Dr Amina,female,en;sw,cardiology; neurology,Hearts\nd-2,Dr X,male,en,astrology,\n'
    const at = `/v1/imports?organisation=${organisation}&kind=practitioners&dryRun=false`
    const { body } = await manager.upload(at, 'text/csv', Buffer.from(head + lines))
    await house.work()
    const done = (await manager.get(`/v1/imports/${body.id}`)).body
    assert.deepEqual([done.created, done.refused], [1, 1])
    const [doctor] = (await manager.get(`/v1/organisations/${organisation}/practitioners`)).body.items
    assert.deepEqual(doctor.specialities, ['cardiology', 'neurology'])
  })
})
