import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { childOf, childrenOf, escapeXml, parseXml } from './xml.ts'

const limits = { depth: 5, elements: 20 }
const refuses = (text: string) => assert.throws(() => parseXml(text, limits), Error, text.slice(0, 80))

describe('XML that others send', () => {
  it('is elements in namespaces, whatever prefix they go by', () => {
    const root = parseXml(
      '<?xml version="1.0"?><d:a xmlns:d="DAV:" x="1&lt;2"><d:b>t<![CDATA[<&]]>&#228;</d:b><b xmlns="urn:o"/></d:a>',
      limits,
    )
    assert.deepEqual([root.namespace, root.name, root.attributes.x], ['DAV:', 'a', '1<2'])
    assert.equal(childOf(root, 'DAV:', 'b')?.text, 't<&ä')
    assert.equal(childrenOf(root, 'urn:o', 'b').length, 1)
    assert.equal(childOf(root, 'DAV:', 'c'), undefined)
  })

  it('has no document type, so nothing is fetched and nothing grows', () => {
    refuses('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>')
    refuses('<!DOCTYPE a SYSTEM "http://127.0.0.1/a.dtd"><a/>')
    refuses('<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;">]><a>&c;</a>')
    refuses('<!DOCTYPE a [<!ENTITY % p SYSTEM "http://127.0.0.1/"> %p;]><a/>')
    refuses('<a>&undefined;</a>')
  })

  it('is well-formed, and neither too deep nor too much', () => {
    for (const text of [
      '',
      'text',
      '<a>',
      '<a></b>',
      '<a/><b/>',
      '<a b=c/>',
      '<a b="1" b="2"/>',
      '<x:a/>',
      '<a>\u0000</a>',
    ])
      refuses(text)
    refuses(`${'<a>'.repeat(6)}${'</a>'.repeat(6)}`)
    refuses(`<a>${'<b/>'.repeat(20)}</a>`)
    assert.ok(parseXml(`${'<a>'.repeat(5)}${'</a>'.repeat(5)}`, limits))
  })

  it('keeps signs of ours from being markup, and leaves out what cannot be written', () => {
    assert.equal(escapeXml('<a b="c">&\u0000\u001b\ud800'), '&lt;a b=&quot;c&quot;&gt;&amp;\ufffd')
    const text = 'a<b>&"c"\r\n\u{1f600}'
    assert.equal(parseXml(`<a>${escapeXml(text)}</a>`, limits).text, text)
  })
})
