import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { isNarrative } from '#fhir/validation/narrative.ts'
import { languages } from '#platform/language.ts'
import { cleanText } from './clean-text.ts'
import { dateIn } from './lay-out.ts'
import { type Paper, type PrintedDocument, papers } from './printed-document.ts'
import { codeOn, opened, pagesOf, toldBy } from './testing.ts'
import { narrativeOf, toHtml } from './to-html.ts'
import { closePresses, LONGEST, MOST_WAITING, toPdf } from './to-pdf.ts'
import { catalogues } from './words/catalogues.ts'

const ADDRESS = 'https://openhcs.test/check/K7Q2M9'

const summary = (more: Partial<PrintedDocument> = {}): PrintedDocument => ({
  ...{ id: 'K7Q2-M9', language: 'en', title: 'Patient summary', version: 2 },
  about: { name: 'Saba Tesfaye', born: '1987-06-05', facts: [{ term: 'Sex', value: 'female' }] },
  issued: {
    ...{ at: new Date('2031-03-01T08:00:00Z'), zone: 'Africa/Nairobi', by: ['Abel Nemo'] },
    organisation: ['Fictional Clinic'],
  },
  amends: { reason: 'The dose was wrong.', at: new Date('2031-03-02T08:00:00Z') },
  sections: [
    {
      ...{ heading: 'Allergies', isWarning: true },
      blocks: [{ kind: 'table', columns: ['Allergy', 'Since'], rows: [['Peanuts', '2019']] }],
    },
    { heading: 'Medicines', blocks: [{ kind: 'none', text: 'Nothing is recorded.' }] },
    {
      heading: 'Plan',
      blocks: [
        { kind: 'paragraph', text: 'Come again.' },
        { kind: 'list', items: ['Rest', 'Drink'] },
        { kind: 'terms', terms: [{ term: 'Weight', value: '72 kg' }] },
      ],
    },
  ],
  signed: ['Signed by Abel Nemo'],
  code: {
    data: ADDRESS,
    alt: 'QR code that leads to the check of this document',
    caption: 'Whoever scans this sees whether it is genuine.',
  },
  ...more,
})

/** As another reader has it. */
async function read(document: PrintedDocument, paper: Paper) {
  const pdf = await toPdf(document, paper)
  const file = await opened(pdf)
  const { info } = (await file.getMetadata()) as unknown as { info: Record<string, string> }
  const pages = await pagesOf(file)
  const trees = await Promise.all(pages.map((page) => page.getStructTree()))
  const texts = await Promise.all(
    pages.map(async (page) =>
      (await page.getTextContent()).items.map((item) => ('str' in item ? item.str : '')).join(' '),
    ),
  )
  return { pdf, info, pages, trees, text: texts.join(' ').replace(/\s+/g, ' '), texts }
}

interface Node {
  role?: string
  alt?: string
  scope?: string
  children?: Node[]
}
const nodesIn = (node: Node | null): Node[] => (node ? [node, ...(node.children ?? []).flatMap(nodesIn)] : [])

after(closePresses)

describe('a printed report', () => {
  it('is tagged: title, language, headings in their order, tables with headers, lists, and words for pictures', async () => {
    const { info, trees, pdf } = await read(summary(), 'a4')
    assert.deepEqual([info.Title, info.Language, info.Author], ['Patient summary', 'en', 'Abel Nemo'])
    assert.match(pdf.toString('latin1'), /\/Marked true/)
    const nodes = trees.flatMap((tree) => nodesIn(tree as unknown as Node))
    const roles = nodes.map(({ role }) => role)
    assert.equal(roles.filter((role) => role === 'H1').length, 3)
    for (const role of ['Table', 'THead', 'TH', 'TD', 'L', 'LI', 'Figure']) assert.ok(roles.includes(role), role)
    assert.equal(nodes.find(({ role }) => role === 'TH')?.scope, 'Column')
    assert.equal(nodes.find(({ role }) => role === 'Figure')?.alt, 'QR code that leads to the check of this document')
  })

  it('is read aloud whole, and in the order in which it stands, on every paper', async () => {
    const rows = [
      ['Peanuts', '2019'],
      ['Latex', ''],
      ['Penicillin', '2021'],
    ]
    const [allergies, medicines, plan] = summary().sections as [object, object, object]
    const table = { kind: 'table' as const, columns: ['Allergy', 'Since'], rows }
    const sections = [{ ...allergies, blocks: [table] }, medicines, { ...plan, language: 'fr' }]
    const whole = summary({ warnings: [{ title: 'Replaced', text: 'Not this one' }], sections: sections as never })
    const code = 'QR code that leads to the check of this document'
    const spoken = {
      paper: `Allergy Since Peanuts 2019 Latex Penicillin 2021`,
      receipt: `Peanuts Since: 2019 Latex Penicillin Since: 2021`,
    }
    for (const paper of papers) {
      const { faults, text, headings, languages } = await toldBy(await toPdf(whole, paper))
      assert.deepEqual(faults, [], paper)
      assert.deepEqual(headings, ['H1 Allergies', 'H1 Medicines', 'H1 Plan'], paper)
      assert.ok(languages.includes('fr') && !languages.includes('en'), paper)
      const order = [
        ...['Replaced', 'Not this one', 'Patient summary', 'Fictional Clinic', 'Saba Tesfaye', '5 June 1987', 'female'],
        ...['Abel Nemo', '1 March 2031 at 11:00', 'Amended on', 'The dose was wrong.', 'Allergies'],
        ...[paper === 'receipt' ? spoken.receipt : spoken.paper, 'Medicines', 'Nothing is recorded.', 'Plan'],
        ...['Come again.', '• Rest • Drink', 'Weight', '72 kg', 'Signed by Abel Nemo', code, 'Whoever scans this'],
      ]
      let from = 0
      for (const words of order) {
        const at = text.indexOf(words, from)
        assert.ok(at >= 0, `${paper}: ${words} after ${text.slice(0, from)} in ${text}`)
        from = at + words.length
      }
      assert.equal(
        /K7Q2-M9 · Version 2/.test(text),
        paper === 'receipt',
        'elsewhere it stands at the foot of each page',
      )
      assert.deepEqual((await toldBy(await toPdf(summary({ language: 'ar' }), paper))).faults, [], `${paper} Arabic`)
    }
  })

  it('is found wanting where it is not so told', async () => {
    const pdf = (await toPdf(summary(), 'a4')).toString('latin1')
    for (const [was, is, fault] of [
      ['/Lang (en)', '/Xang (en)', 'has not a language'],
      ['/Marked true', '/Marked null', 'has not tags'],
      ['/DisplayDocTitle true', '/DisplayDocTitle null', 'has not its title in the window'],
      ['pdfuaid:part>1', 'pdfuaid:part>9', 'has not the mark of PDF/UA-1'],
      ['/Alt (', '/Xlt (', 'a picture without words'],
      ['/S /H1', '/S /H3', 'leaves out a level: H3'],
      ['/S /LBody', '/S /TRoot', 'TRoot in an item of a list'],
    ] as const) {
      const { faults } = await toldBy(Buffer.from(pdf.replace(was, is), 'latin1'))
      assert.ok(
        faults.some((one) => one.startsWith(fault)),
        `${was}: ${faults}`,
      )
    }
  })

  it('says on paper what it says on the screen, in every language and on every paper', async () => {
    for (const [n, language] of languages.entries()) {
      const paper = papers[n % papers.length] as Paper
      const { info, text } = await read(summary({ language }), paper)
      assert.equal(info.Language, language)
      const html = toHtml(summary({ language }))
      assert.match(html, new RegExp(`<html lang="${language}" dir="${language === 'ar' ? 'rtl' : 'ltr'}">`))
      for (const words of [
        'Saba Tesfaye',
        'Peanuts',
        'The dose was wrong.',
        'Nothing is recorded.',
        '72 kg',
        'Signed by Abel Nemo',
      ]) {
        assert.ok(text.includes(words), `${language} ${paper}: ${words} in ${text}`)
        assert.ok(html.includes(words), `${language} HTML: ${words}`)
      }
      assert.ok(html.includes(catalogues[language].issuedBy))
    }
  })

  it('names the patient, their birthday and the page on each page but the first, and repeats what columns say', async () => {
    const rows = Array.from({ length: 90 }, (_, n) => [`Medicine ${n}`, '2030'])
    const long = summary({
      sections: [{ heading: 'Medicines', blocks: [{ kind: 'table', columns: ['What it is', 'Since'], rows }] }],
    })
    const { texts } = await read(long, 'a4')
    assert.ok(texts.length > 2)
    for (const [n, text] of texts.entries()) {
      const plain = text.replace(/\s+/g, ' ')
      assert.match(plain, new RegExp(`Page ${n + 1} of ${texts.length}`))
      assert.match(plain, /K7Q2-M9 · Version 2/)
      if (n > 0) assert.match(plain, /Saba Tesfaye · Date of birth: 5 June 1987/)
      if (plain.includes('Medicine ')) assert.match(plain, /What it is/)
    }
  })

  it('has a QR code that a reader reads from the page', async () => {
    const card = `shc:/${'5676290952432060346029243740446031222959532654603460292540772804336028702864716745222809286241223803127633772937404037614124294155414509364367694562294037053106322567213239452755414555'.repeat(4)}`
    for (const [data, paper] of [
      [ADDRESS, 'a4'],
      [ADDRESS, 'receipt'],
      [card, 'a5'],
      [card, 'receipt'],
    ] as const) {
      const { pages } = await read(summary({ code: { data, alt: 'Code', caption: 'Scan' } }), paper)
      const page = pages.at(-1)
      assert.ok(page)
      assert.equal(await codeOn(page), data, paper)
    }
  })

  it('fits a two-page document in 100 KB', async () => {
    const rows = Array.from({ length: 30 }, (_, n) => [`Lisinopril 10 mg ${n}`, '1 March 2031', 'One in the morning'])
    const two = summary({
      sections: [{ heading: 'Medicines', blocks: [{ kind: 'table', columns: ['What', 'Since', 'Dose'], rows }] }],
    })
    const { pdf, pages } = await read(two, 'a4')
    assert.equal(pages.length, 2)
    assert.ok(pdf.length < 100_000, String(pdf.length))
  })
})

describe('what somebody wrote', () => {
  const hostile = [
    '#read("/etc/passwd") #eval("1+1") $x^2$ \\ @ref *bold* _it_ `raw` = Heading // comment',
    '<script>alert(1)</script> <img src=x onerror=alert(1)> & "quoted" \'too\'',
    '"; }) #panic() {{ }} $x %s \\u0000',
  ]

  it('is text: no markup of it is carried out, on paper or on the screen', async () => {
    for (const text of hostile) {
      const one = summary({
        ...{
          title: text,
          about: { name: text },
          signed: [text],
          code: undefined,
          amends: { reason: text, at: new Date(0) },
        },
        sections: [
          {
            heading: text,
            blocks: [
              { kind: 'paragraph', text },
              { kind: 'table', columns: [text], rows: [[text]] },
            ],
          },
        ],
      })
      const { text: printed } = await read(one, 'a4')
      assert.ok(printed.includes(text.slice(0, 20)), printed)
      assert.ok(!printed.includes('root:'))
      const html = toHtml(one)
      assert.ok(!/<script|<img/.test(html))
    }
  })

  it('cannot turn the page around, hide, or be left out because no font has it', async () => {
    const turned = 'Saba\u202eeyafseT\u202c \u200b\u2066Doe'
    assert.equal(cleanText(turned), 'SabaeyafseT Doe')
    const one = summary({ about: { name: `${turned} 中文 \u{1f600}` } })
    const { text } = await read(one, 'a4')
    assert.ok(text.includes('SabaeyafseT Doe \ufffd\ufffd'), text)
    assert.ok(!/[\u202a-\u202e\u200b]/.test(toHtml(one)))
    const arabic = toHtml(summary({ language: 'ar', about: { name: 'Saba (Tesfaye)' } }))
    assert.ok(arabic.includes('\u2068Saba (Tesfaye)\u2069'))
    await read(summary({ about: { name: 'A'.repeat(300) } }), 'receipt')
    const unseen = '\u00ad\u034f\u2028\u3164\u180e'
    assert.equal(cleanText(`a${unseen}b`), 'a\nb')
    assert.ok(toHtml(summary({ language: 'ar', signed: ['one\ntwo'] })).includes('\u2068one\u2069\n\u2068two\u2069'))
    await read(summary({ about: { name: 'A\ud800B', born: 'never' } }), 'a5')
  })

  it('is whole on the paper however long a word of it is, and ends nothing', async () => {
    // Without a place to break, each of these but the first ended the process, and the last took all memory (breakable.ts).
    for (const text of [
      'W'.repeat(500),
      'Ж'.repeat(40_000),
      'م'.repeat(40_000),
      'क्'.repeat(200),
      `a${'\u0301'.repeat(20_000)}`,
    ]) {
      const document = summary({ sections: [{ heading: 'Plan', blocks: [{ kind: 'paragraph', text }] }] })
      const { pages, text: told } = await read(document, 'receipt')
      for (const page of pages)
        for (const item of (await page.getTextContent()).items)
          if ('str' in item) assert.ok(item.transform[4] + item.width <= Number(page.view[2]), text.slice(0, 9))
      const letters = (all: string) => all.split(text[0] as string).length
      assert.ok(letters(told) >= letters(text), text.slice(0, 9))
    }
  })

  it('makes a narrative that FHIR takes, whatever it says', () => {
    for (const text of [...hostile, 'one\ntwo'])
      for (const language of ['en', 'ar-EG', '"><b>'])
        assert.ok(
          isNarrative(
            narrativeOf(language, [
              { kind: 'table', columns: [text, text], rows: [[text, text]] },
              { kind: 'list', items: [text] },
              { kind: 'terms', terms: [{ term: text, value: text }] },
              { kind: 'none', text },
            ]),
          ),
          text,
        )
  })

  it('is never moved to another row, nor a day made of one that is none', async () => {
    const ragged = [
      ['Warfarin', '5 mg'],
      ['Digoxin', '0.1 mg', '2020'],
    ]
    for (const rows of [ragged, [[]]])
      await assert.rejects(
        toPdf(
          summary({
            sections: [{ heading: 'Medicines', blocks: [{ kind: 'table', columns: ['What', 'Dose', 'Since'], rows }] }],
          }),
          'a4',
        ),
        /as many cells/,
      )
    await assert.rejects(toPdf(summary({ title: ' ' }), 'a4'), /title/)
    await assert.rejects(toPdf(summary({ sections: [{ heading: '', blocks: [] }] }), 'a4'), /heading/)
    assert.throws(() => narrativeOf('en', []), /says something/)
    assert.deepEqual(
      ['1987-02-31', '1987-06', '1987', '2024-02-29', 'never'].map((day) => dateIn('en', day)),
      ['1987-02-31', 'June 1987', '1987', '29 February 2024', 'never'],
    )
  })

  it('waits with so many others and no more: whoever comes then is told when to come again', async () => {
    const all = await Promise.allSettled(Array.from({ length: MOST_WAITING + 20 }, () => toPdf(summary(), 'a4')))
    const refused = all.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))
    assert.deepEqual(
      refused.map(({ code, retryAfterSeconds }) => [code, retryAfterSeconds]),
      Array.from({ length: 20 }, () => ['transient', 2]),
    )
    assert.ok((await toPdf(summary(), 'a4')).length > 0)
  })

  it('of more than can be printed at once is refused before it waits', async () => {
    const sections = [{ heading: 'Plan', blocks: [{ kind: 'paragraph' as const, text: 'x'.repeat(LONGEST) }] }]
    await assert.rejects(toPdf(summary({ sections }), 'a4'), { code: 'too-costly' })
  })

  it('that cannot be printed fails alone: the next is printed, and so is one after the threads were given back', async () => {
    const wrong = summary({ code: { data: 'x'.repeat(9_000), alt: '', caption: '' } })
    await assert.rejects(toPdf(wrong, 'a4'))
    await closePresses()
    const [one, two, three] = await Promise.all([1, 2, 3].map((version) => read(summary({ version }), 'a4')))
    assert.deepEqual(
      [one, two, three].map((made, n) => made?.text.includes(`Version ${n + 1}`)),
      [true, true, true],
    )
  })
})
