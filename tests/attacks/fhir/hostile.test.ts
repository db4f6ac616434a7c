import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import pg from 'pg'
import { takeTurns } from '#fhir/store/current.ts'
import { FHIR_JSON } from '#platform/errors.ts'
import { newId } from '#platform/ids.ts'
import { about, openWard, pulse, storeOf } from './ward.ts'

/** What PostgreSQL refused: nothing that comes from outside should get so far, but for versions, rights and uniqueness, which are its to decide. */
const complaints: string[] = []
const ITS_OWN = new Set(['OH403', 'OH412', '23505'])
const { emit } = pg.Connection.prototype
before(() => {
  pg.Connection.prototype.emit = function (this: pg.Connection, name: string | symbol, ...rest: unknown[]) {
    const { code = '', message = '' } = (rest[0] ?? {}) as { code?: string; message?: string }
    if (name === 'errorMessage' && !ITS_OWN.has(code)) complaints.push(`${code} ${message}`)
    return emit.call(this, name as never, ...(rest as never[]))
  } as typeof emit
})
after(() => {
  pg.Connection.prototype.emit = emit
})

const SECONDS = 5

describe('/fhir/R4: what is hostile', async () => {
  const ward = await openWard({ env: { BODY_LIMIT_BYTES: '10485760' } })
  after(() => ward[Symbol.asyncDispose]())
  const { house, ann, doctorOfAnn: doctor } = ward
  const made = (await doctor.post('/fhir/R4/Observation', pulse(ann.patient))).body
  beforeEach(() => complaints.splice(0))

  interface Request {
    method?: string
    url?: string
    payload?: string | Buffer
    type?: string
    headers?: Record<string, string>
  }
  const ask = async ({ method = 'GET', url = '/Observation', payload, type = FHIR_JSON, headers = {} }: Request) => {
    const began = process.cpuUsage()
    const response = await house.app.inject({
      method: method as 'GET',
      url: url.startsWith('//') || url.startsWith('/FHIR') ? url : `/fhir/R4${url}`,
      headers: {
        authorization: `Bearer ${doctor.token}`,
        ...(payload !== undefined && { 'content-type': type }),
        ...headers,
      },
      ...(payload !== undefined && { payload }),
    })
    const { user, system } = process.cpuUsage(began)
    const seconds = (user + system) / 1_000_000
    assert.ok(seconds < SECONDS, `${method} ${url.slice(0, 100)}: ${seconds} s of a core`)
    return response
  }

  /** Refused as R4 has it, with nothing written, and nothing for PostgreSQL to complain of. */
  const refused = async (request: Request, statuses = [400, 404, 405, 413, 415, 422]) => {
    const was = await storeOf(house)
    const response = await ask(request)
    const what = `${request.method ?? 'GET'} ${request.url?.slice(0, 100)} ${request.payload?.slice(0, 80)}: ${response.statusCode} ${response.body.slice(0, 300)}`
    assert.ok(statuses.includes(response.statusCode), what)
    if (request.method !== 'HEAD' && String(response.headers['content-type']).startsWith(FHIR_JSON))
      assert.equal(response.json().resourceType, 'OperationOutcome', what)
    else if (request.method !== 'HEAD') assert.fail(`no OperationOutcome: ${what}`)
    assert.deepEqual(await storeOf(house), was, what)
    assert.deepEqual(complaints, [], what)
    return response
  }

  const text = JSON.stringify(pulse(ann.patient))
  const withMember = (member: string) => `${text.slice(0, -1)},${member}}`
  const deep = (open: string, close: string, n = 100_000) => open.repeat(n) + close.repeat(n)

  const bodies: Record<string, string | Buffer> = {
    'nested 100,000 deep in arrays': withMember(`"note":${deep('[', ']')}`),
    'nested 100,000 deep in objects': withMember(`"note":${deep('{"a":', '}').replace('{"a":}', '{}')}`),
    'nested in extensions': withMember(
      `"extension":${deep('[{"url":"a","extension":', '}]', 50_000).replace(':}', ':[]}')}`,
    ),
    'of arrays alone': deep('[', ']'),
    'a string of 9 MB': withMember(`"language":"${'a'.repeat(9_000_000)}"`),
    __proto__: withMember('"__proto__":{"status":"final"}'),
    'constructor.prototype': withMember('"constructor":{"prototype":{"a":1}}'),
    '__proto__ within': withMember('"note":[{"text":"a","__proto__":{"a":1}}]'),
    'toString as a member': withMember('"toString":"a"'),
    'a NUL': withMember('"note":[{"text":"a\\u0000b"}]'),
    'a raw NUL': withMember('"note":[{"text":"a\0b"}]'),
    'half a surrogate pair': withMember('"note":[{"text":"\\ud800"}]'),
    'bytes that are no UTF-8': Buffer.from([...Buffer.from(text.slice(0, -1)), 0xff, 0xfe]),
    'a byte-order mark': `\ufeff${text}`,
    nothing: '',
    'no JSON': '<Observation xmlns="http://hl7.org/fhir"/>',
    'half of it': text.slice(0, 50),
    null: 'null',
    'a number': '1',
    'a list': `[${text}]`,
    'a million commas': withMember(`"category":[${'{},'.repeat(500_000)}{}]`),
    '200,000 members': withMember(Array.from({ length: 200_000 }, (_, n) => `"m${n}":1`).join(',')),
    '200,000 numbers and an escape': withMember(`"category":[${'1,'.repeat(200_000)}"\\ud83d\\ude00"]`),
    'a number of 100,000 digits': withMember(`"valueInteger":${'9'.repeat(100_000)}`),
    'a resource type that is an object': text.replace('"Observation"', '{"a":1}'),
    'the resource type __proto__': text.replace('"Observation"', '"__proto__"'),
    'a duplicate type': withMember('"resourceType":"Patient"'),
    'an id that is a list': withMember('"subject":{"reference":["Patient/1"]}'),
    'a bomb for dates': withMember(`"effectiveDateTime":"${'2031-'.repeat(50_000)}"`),
    'a bomb for narratives': withMember(`"text":{"status":"generated","div":"${'<div '.repeat(100_000)}"}`),
    'a bomb for uris': withMember(`"implicitRules":"${'a:'.repeat(100_000)} "`),
    'a bomb for base64': withMember(`"extension":[{"url":"a","valueBase64Binary":"${'A='.repeat(100_000)}"}]`),
    'a reference of 1 MB': withMember(`"focus":[{"reference":"${'Patient/'.repeat(125_000)}"}]`).replace(
      `Patient/${ann.patient}`,
      'Patient/1 ',
    ),
  }

  for (const [name, payload] of Object.entries(bodies))
    it(`is refused in a body: ${name}`, async () => {
      await refused({ method: 'POST', payload })
      await refused({ method: 'PUT', url: `/Observation/${made.id}`, payload })
      await refused({ method: 'POST', url: '', payload })
      await refused({ method: 'PATCH', url: `/Observation/${made.id}`, payload })
      await refused({ method: 'PATCH', url: `/Observation/${made.id}`, payload, type: 'application/json-patch+json' })
    })

  it('is refused beyond 10 MB, and beyond 5,000 entries', async () => {
    await refused({ method: 'POST', payload: withMember(`"language":"${'a'.repeat(10_500_000)}"`) }, [413])
    const entry = { resource: pulse(ann.patient), request: { method: 'POST', url: 'Observation' } }
    const bundle = (type: string, entries: unknown) => JSON.stringify({ resourceType: 'Bundle', type, entry: entries })
    for (const type of ['batch', 'transaction']) {
      await refused({ method: 'POST', url: '', payload: bundle(type, Array(10_000).fill(entry)) }, [413])
      for (const entries of [{}, 'a', 1, { length: 5 }])
        await refused({ method: 'POST', url: '', payload: bundle(type, entries) }, [400])
    }
    for (const type of ['searchset', '__proto__', ['batch'], 'history'])
      await refused({ method: 'POST', url: '', payload: bundle(type as string, []) }, [400])
    const nested = JSON.parse(bundle('transaction', [entry]))
    await refused(
      { method: 'POST', url: '', payload: bundle('transaction', [{ ...entry, resource: nested }]) },
      [400, 404],
    )
  })

  it('is refused in patches', async () => {
    const patch = (payload: string) =>
      refused({ method: 'PATCH', url: `/Observation/${made.id}`, payload, type: 'application/json-patch+json' })
    for (const [path, value] of [
      ['/__proto__/polluted', '1'],
      ['/constructor/prototype/polluted', '1'],
      ['/note', deep('[', ']')],
      ['/language', '"\\u0000"'],
      ['/language', '"\\ud800"'],
      ['/language', 'null'],
      [`${'/a'.repeat(10_000)}`, '1'],
      ['/subject/reference', '"Patient/x"'],
      ['/meta', '{"versionId":7}'],
    ])
      await patch(`[{"op":"add","path":"${path}","value":${value}}]`)
    await patch(`[${'{"op":"copy","from":"/code","path":"/category/-"},'.repeat(50_000)}{"op":"remove","path":"/a"}]`)
    assert.equal(({} as { polluted?: number }).polluted, undefined)
    const parameters = (path: string) =>
      JSON.stringify({
        resourceType: 'Parameters',
        parameter: [
          {
            name: 'operation',
            part: [
              { name: 'type', valueCode: 'replace' },
              { name: 'value', valueString: 'a' },
              { name: 'path', valueString: path },
            ],
          },
        ],
      })
    for (const path of [
      `Observation.${'('.repeat(50_000)}`,
      `Observation${'.where(true)'.repeat(10_000)}.status`,
      `Observation.status.matches('(a+)+$')`,
      'Observation.repeat(children())',
      '%resource.descendants()',
      'Observation.__proto__',
      '',
      "Observation.note.where(text = '\u0001')",
    ])
      await refused({ method: 'PATCH', url: `/Observation/${made.id}`, payload: parameters(path) })
  })

  const q = encodeURIComponent
  it('is refused, or finds nothing, in a search', async () => {
    const many = (n: number, one: string) => Array.from({ length: n }, () => one).join(',')
    for (const query of [
      '_count=1e9',
      '_count=-1',
      '_count=99999999999',
      '_count=%00',
      '_sort=__proto__',
      '_sort=-',
      '_sort=code-value-quantity',
      `_elements=${many(5_000, 'a')}`,
      '_summary=__proto__',
      '_total=constructor',
      '_include=__proto__:a',
      '_include=Observation',
      '_include:iterate:iterate=Observation:subject',
      '_revinclude=*',
      `_filter=${q('('.repeat(3_000))}`,
      `_filter=${q('not '.repeat(1_000))}code eq a`,
      `_filter=${q("code eq 'a")}`,
      `_filter=${q('has-member:Observation['.repeat(300))}`,
      `_filter=${q(`${'has-member:Observation['.repeat(6)}code eq a${'].code eq a'.repeat(6)}`)}`,
      `_filter=${q(`${'has-member:Observation[date po 2031 or '.repeat(5)}code eq a${'].date po 2031'.repeat(5)}`)}`,
      `_filter=${q('has-member[code eq a]')}`,
      `_filter=${q(']'.repeat(3_000))}`,
      '_has:Observation:subject',
      `${'_has:Observation:has-member:'.repeat(20)}code=a`,
      `${'has-member.'.repeat(20)}code=a`,
      `${'has-member:Observation.'.repeat(8)}code=a`,
      'subject.subject.subject.subject=a',
      'date=9999-99-99',
      'date=eq',
      `date=${'2031-'.repeat(1_000)}`,
      'date=ap275760-09-13',
      'value-quantity=1e999',
      'value-quantity=gt1e400||mg',
      'value-quantity=NaN',
      'value-quantity=Infinity',
      '_lastUpdated=-1',
      'code:near=a',
      'code:__proto__=a',
      'code:constructor=a',
      'cursor=a',
      `cursor=${Buffer.from('[1e308]').toString('base64url')}`,
      `cursor=${Buffer.from('["a"]').toString('base64url')}`,
      `_sort=date&cursor=${Buffer.from('["a",1]').toString('base64url')}`,
      `_sort=_lastUpdated&cursor=${Buffer.from('["2031-99-01",1]').toString('base64url')}`,
      `_sort=value-quantity&cursor=${Buffer.from('["1e999",1]').toString('base64url')}`,
      `cursor=${Buffer.from('[1.5]').toString('base64url')}`,
      `cursor=${Buffer.from('[9e18]').toString('base64url')}`,
      '_list=$current-problems',
      '_text=a',
      '_content=a',
      '_query=a',
      'code=a%00b',
      '_id=%00',
      'identifier=%00|%00',
      'subject=Patient/%00',
      'code:text=%00',
      'subject:identifier=a|%00',
    ]) {
      const strict = { prefer: 'handling=strict' }
      const request = { url: `/Observation?${query}`, headers: strict }
      const answer = await ask(request)
      assert.ok(answer.statusCode < 500, `${query.slice(0, 100)}: ${answer.body.slice(0, 200)}`)
      assert.equal(answer.json().resourceType, answer.statusCode === 200 ? 'Bundle' : 'OperationOutcome')
      assert.deepEqual(complaints, [], query.slice(0, 100))
      const [name = '', value = ''] = query.split('=', 2)
      const form = await ask({
        ...{ method: 'POST', url: '/Observation/_search', payload: `${name}=${value}` },
        ...{ type: 'application/x-www-form-urlencoded', headers: strict },
      })
      assert.ok(form.statusCode < 500, query.slice(0, 100))
      assert.deepEqual(complaints, [], query.slice(0, 100))
    }
    const codes = many(10_000, 'a')
    await refused({ url: `/Observation?code=${codes}` })
    await refused({
      ...{ method: 'POST', url: '/Observation/_search', payload: `code=${codes}` },
      type: 'application/x-www-form-urlencoded',
    })
    await refused({ url: `/Observation?${'code=a&'.repeat(1_000)}` })
  })

  it('is refused in addresses', async () => {
    const id = made.id as string
    for (const url of [
      ...['/Observation/%00', '/Observation/%00/_history', '/Observation/%00/_history/1', '/Observation/%ff'],
      ...[`/Observation/${'a'.repeat(65)}`, `/Observation/${'a'.repeat(5_000)}`, '/Observation/%ed%a0%80'],
      ...[`/Observation/${id}/_history/0`, `/Observation/${id}/_history/-1`, `/Observation/${id}/_history/99999999999`],
      ...[
        `/Observation/${id}/_history/1e0`,
        `/Observation/${id}/_history/%00`,
        `/Observation/${id}/`,
        `/Observation//${id}`,
      ],
      ...[`/observation/${id}`, `/OBSERVATION/${id}`, '/__proto__', '/constructor/1', '/toString', '/%5F_proto__'],
      ...[
        `/Observation/${id}/x`,
        `/Observation/${id}/_history/1/x`,
        '/Observation/_history/1',
        `/Observation/${id}%2f_history`,
      ],
      ...[
        `/Observation/${id}%00`,
        `/Observation/${id.toUpperCase()}`,
        '/Observation;a=1',
        '/Observation/..;/x',
        '/Patient/%00/Observation/',
      ],
      ...[
        '/Observation/../../../etc/passwd',
        '//Observation',
        `//fhir/R4/Observation/${id}`,
        `/FHIR/R4/Observation/${id}`,
      ],
    ])
      await refusedOrElsewhere(url)
    for (const url of [
      '/Patient/%00/Observation',
      `/Patient/${'a'.repeat(99)}/Observation`,
      "/Patient/'/Observation",
    ]) {
      const answer = await ask({ url })
      assert.ok([200, 400, 404].includes(answer.statusCode), url)
      assert.deepEqual(complaints, [], url)
      if (answer.statusCode === 200) assert.equal(answer.json().entry, undefined)
    }
    for (const query of [
      '_since=x',
      '_since=9999999-01-01T00:00:00Z',
      '_at=%00',
      '_count=1e9',
      '_count=',
      'cursor=a',
      `cursor=${Buffer.from('[1e300]').toString('base64url')}`,
      `cursor=${Buffer.from('[0.5]').toString('base64url')}`,
    ])
      for (const path of [`/Observation/${id}/_history`, '/Observation/_history', '/_history']) {
        const answer = await ask({ url: `${path}?${query}` })
        assert.ok(answer.statusCode < 500, `${path}?${query} ${answer.body}`)
        assert.deepEqual(complaints, [], query)
      }
  })

  /** Where the address is of no such form, it is not always this face that answers. */
  async function refusedOrElsewhere(url: string) {
    const answer = await ask({ url })
    assert.ok(
      [400, 404, 414].includes(answer.statusCode),
      `${url.slice(0, 80)}: ${answer.statusCode} ${answer.body.slice(0, 200)}`,
    )
    assert.ok(!answer.body.includes('8867-4'), url)
    assert.deepEqual(complaints, [], url.slice(0, 80))
  }

  it('is refused in media types', async () => {
    for (const type of [
      'application/xml',
      'application/fhir+xml',
      'text/plain',
      'text/html',
      'multipart/form-data; boundary=a',
      'application/octet-stream',
      'application/ndjson',
      'a',
      'application/json-patch+json',
      'application/x-www-form-urlencoded',
      'application/jsonx',
    ])
      for (const [method, url] of [
        ['POST', '/Observation'],
        ['PUT', `/Observation/${made.id}`],
        ['POST', ''],
      ] as const)
        await refused({ method, url, payload: type.includes('patch') ? '[]' : text, type }, [400, 415])
    for (const accept of [
      'application/fhir+xml',
      'text/turtle',
      'a/b',
      'application/fhir+json;fhirVersion=1.0',
      `${'a,'.repeat(1_000)}a`,
    ])
      await refused({ url: `/Observation/${made.id}`, headers: { accept } }, [406])
    await refused({ url: `/Observation/${made.id}?_format=xml` }, [406])
  })

  it('is refused in methods, and no header changes them', async () => {
    const url = `/Observation/${made.id}`
    for (const method of ['TRACE', 'PROPFIND', 'LOCK', 'COPY', 'MOVE', 'SEARCH'])
      await refused({ method, url }, [400, 404, 405])
    const options = await ask({ method: 'OPTIONS', url })
    assert.ok(options.statusCode < 500 && !options.body.includes('8867-4'))
    for (const name of ['x-http-method-override', 'x-http-method', 'x-method-override', '_method']) {
      const answer = await ask({ url, headers: { [name]: 'DELETE' } })
      assert.equal(answer.statusCode, 200)
      await refused({ method: 'POST', url, payload: text, headers: { [name]: 'PUT' } }, [404, 405])
      await ask({ url: `${url}?_method=DELETE` })
    }
    assert.equal((await ask({ url })).statusCode, 200)
  })

  it('is refused in headers', async () => {
    const url = `/Observation/${made.id}`
    const payload = JSON.stringify(made)
    for (const value of [
      '"',
      'W/"',
      'W/"1e0"',
      '"'.repeat(5_000),
      `${'W/"9",'.repeat(1_000)}`,
      'W/"__proto__"',
      '\u00ff',
    ])
      await refused({ method: 'PUT', url, payload, headers: { 'if-match': value } }, [400, 412])
    for (const value of [
      'a',
      '=',
      '&',
      'Observation?',
      '?',
      'identifier',
      'identifier=',
      '_count=1',
      '__proto__=1',
      '_id=%00',
    ])
      await refused({ method: 'POST', payload: text, headers: { 'if-none-exist': value } }, [400, 422])
    for (const prefer of [
      'return=',
      `${'return=minimal,'.repeat(1_000)}`,
      'handling=strict;'.repeat(1_000),
      '"'.repeat(5_000),
    ])
      assert.equal((await ask({ url, headers: { prefer } })).statusCode, 200)
    for (const value of ['Thu, 99 Foo', '9'.repeat(1_000)])
      assert.equal((await ask({ url, headers: { 'if-modified-since': value } })).statusCode, 200)
  })

  it('keeps a condition whole, whatever signs are in it', async () => {
    const of = (system: string, value: string, status: string) =>
      pulse(ann.patient, { identifier: [{ system, value }], status })
    const system = `http://a?b=${newId()}`
    const one = (await doctor.post('/fhir/R4/Observation', of(system, '1?', 'final'))).body.id
    // Cut at its second question mark, the condition would find what is final.
    const address = `/fhir/R4/Observation?identifier=${system.replace('=', '%3D')}|1?&status=amended`
    assert.equal((await doctor.delete(address)).status, 204)
    assert.equal((await doctor.get(`/fhir/R4/Observation/${one}`)).status, 200)
    const condition = { 'if-none-exist': `identifier=${system.replace('=', '%3D')}|1?` }
    const again = await doctor.post('/fhir/R4/Observation', of(system, '1?', 'final'), condition)
    assert.deepEqual([again.status, again.body.id], [200, one])
    const whole = { 'if-none-exist': `http://openhcs.test/fhir/R4/Observation?${condition['if-none-exist']}` }
    assert.equal((await doctor.post('/fhir/R4/Observation', of(system, '1?', 'final'), whole)).status, 200)
  })

  it('ends: cycles of includes, one character in many, and answers of more than there is room for', async () => {
    const ids = Array.from({ length: 20 }, () => newId())
    const ring = ids.map((id, n) => ({
      resource: {
        ...pulse(ann.patient, {
          hasMember: [{ reference: `Observation/${ids[(n + 1) % ids.length]}` }],
          derivedFrom: [{ reference: `Observation/${id}` }],
          method: { text: `${'m'.repeat(5_000)}` },
        }),
        id,
      },
      request: { method: 'PUT', url: `Observation/${id}` },
    }))
    const stored = await doctor.post('/fhir/R4', { resourceType: 'Bundle', type: 'transaction', entry: ring })
    assert.equal(stored.status, 200, JSON.stringify(stored.body))
    const around = await ask({
      url: `/Observation?_id=${ids[0]}&_include:iterate=Observation:has-member&_include:iterate=Observation:derived-from&_revinclude:iterate=Observation:has-member&_revinclude:iterate=Observation:derived-from`,
    })
    const shown = around.json().entry.map(({ resource }: { resource: { id: string } }) => resource.id)
    assert.equal(new Set(shown).size, shown.length, 'each once')
    assert.ok(shown.length <= 20)
    for (const query of ['code:text=a&method:text=m', 'code:contains=a', `method:text=${'m'.repeat(4_000)}`])
      assert.ok((await ask({ url: `/Observation?${query}` })).statusCode < 500, query)
    const greedy = {
      ...{ resourceType: 'Bundle', type: 'transaction' },
      entry: Array.from({ length: 1_000 }, () => ({ request: { method: 'GET', url: 'Observation?_count=1000' } })),
    }
    await refused({ method: 'POST', url: '', payload: JSON.stringify(greedy) }, [413, 422])
    const batch = await ask({ method: 'POST', url: '', payload: JSON.stringify({ ...greedy, type: 'batch' }) })
    assert.ok(batch.body.length < 30_000_000, `${batch.body.length}`)
    assert.match(batch.json().entry.at(-1).response.status, /^422/)
  })

  it('is shown in pages that there is room for: searches, histories and includes of what is large', async () => {
    const note = [1, 2, 3].map(() => ({ text: 'n'.repeat(1_000_000) }))
    const visit = (await doctor.post('/fhir/R4/Encounter', about('Encounter', ann.patient))).body.id
    const large = pulse(ann.patient, { note, status: 'unknown', encounter: { reference: `Encounter/${visit}` } })
    const ids: string[] = []
    for (let n = 0; n < 7; n++) {
      const { status, body } = await doctor.post('/fhir/R4/Observation', large)
      assert.equal(status, 201, JSON.stringify(body).slice(0, 500))
      ids.push(body.id)
    }
    for (const first of ['/Observation?status=unknown&_sort=_id&_count=1000', '/Observation/_history?_count=1000']) {
      const shown = new Set<string>()
      for (let url: string | undefined = first; url !== undefined; ) {
        const answer = await ask({ url })
        assert.equal(answer.statusCode, 200)
        assert.ok(answer.body.length < 20_000_000, `${answer.body.length}`)
        const { entry, link } = answer.json()
        for (const { resource } of entry) shown.add(resource.id)
        const next = link.find(({ relation }: { relation: string }) => relation === 'next')?.url as string | undefined
        url = next?.replace('http://openhcs.test/fhir/R4', '')
      }
      for (const id of ids) assert.ok(shown.has(id), first)
    }
    await refused({ url: `/Encounter?_id=${visit}&_revinclude=Observation:encounter` }, [413])
  })

  it('takes no more locks than there are for others, whatever conditions a Bundle has', async () => {
    const connection = await house.house.databases.get('records')?.connect()
    assert.ok(connection)
    await connection.send('begin')
    await takeTurns(
      connection.tx as never,
      Array.from({ length: 5_000 }, (_, n) => `Observation?identifier=a|${n}`),
    )
    const { rows } = await house.owner.query(
      `select count(*)::int as n from pg_locks join pg_database d on d.oid = database
       where locktype = 'advisory' and classid = 73052 and datname = current_database()`, // other houses take theirs
    )
    await connection.send('rollback')
    connection.release()
    assert.ok(rows[0].n > 0 && rows[0].n <= 512, String(rows[0].n))
  })

  it('does not undo what was written by what is read afterwards', async () => {
    const bundle = {
      ...{ resourceType: 'Bundle', type: 'transaction' },
      entry: [
        { resource: pulse(ann.patient), request: { method: 'POST', url: 'Observation' } },
        { request: { method: 'GET', url: `Observation/${newId()}` } },
      ],
    }
    const { status, body } = await doctor.post('/fhir/R4', bundle)
    assert.equal(status, 200)
    assert.match(body.entry[0].response.status, /^201/)
    assert.match(body.entry[1].response.status, /^404/)
    assert.equal((await doctor.post('/fhir/R4', { ...bundle, entry: bundle.entry.slice(1) })).status, 404)
  })

  it('has left the resource as it was, and the house answers', async () => {
    assert.deepEqual((await doctor.get(`/fhir/R4/Observation/${made.id}`)).body, made)
    assert.equal((await doctor.post('/fhir/R4/Condition', about('Condition', ann.patient))).status, 201)
  })
})
