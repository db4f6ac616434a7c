import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isNarrative } from './narrative.ts'

const XHTML = 'xmlns="http://www.w3.org/1999/xhtml"'
const div = (inner: string) => `<div ${XHTML}>${inner}</div>`

describe('a narrative', () => {
  it('is one div of XHTML', () => {
    for (const inner of [
      'Words',
      '<p class="a">A &amp; B &#169; &lt;</p>\n<br/>',
      "<table><tr><td colspan='2'>1</td></tr></table>",
      '<img src="data:image/png;base64,AAAA" alt="a"/>',
      '<img src="data: image/gif;base64,AAAA"/>',
      '<img src="#a"/>',
      '<a href="https://a.example/?a:b">a</a><a name="b">b</a><a href="Patient/1">c</a><a href="mailto:a@b.example">d</a>',
      '<a href=" HTTPS://a.example/">a</a><a href="ftp://a.example/b">b</a>',
      '<!-- said --><b>a</b>',
      '<div><div>a</div></div>',
    ])
      assert.equal(isNarrative(div(inner)), true, inner)
    assert.equal(isNarrative(' <div>Words</div>\n'), true)
  })

  it('is nothing else', () => {
    for (const html of [
      '',
      'Words',
      '<p>a</p>',
      '<div>a</div><div>b</div>',
      '<div>a</div>b',
      'b<div>a</div>',
      '<div>a',
    ])
      assert.equal(isNarrative(html), false, html)
    assert.equal(isNarrative('<div xmlns="http://www.w3.org/2000/svg">a</div>'), false)
  })

  it('is well formed', () => {
    for (const inner of [
      '<p>a',
      'a</p>',
      '<b><i>a</b></i>',
      '<br>',
      '<p class=a>a</p>',
      'a & b',
      '&nbsp;a',
      'a < b',
      '<!-- a',
      '<p class="a" class="b">a</p>',
      '<p a',
      'a\u0000',
    ])
      assert.equal(isNarrative(div(inner)), false, inner)
  })

  it('says something (txt-2)', () => {
    for (const inner of ['', ' \n', '<p> </p>', '<br/>', '<!-- a -->'])
      assert.equal(isNarrative(div(inner)), false, inner)
  })

  it('has nothing that runs, asks or loads (txt-1)', () => {
    for (const inner of [
      '<script>a</script>',
      '<style>a</style>',
      '<iframe src="a">a</iframe>',
      '<form>a</form>',
      '<input/>a',
      '<svg>a</svg>',
      '<p onclick="a">a</p>',
      '<p ONCLICK="a">a</p>',
      '<a href="javascript:a">a</a>',
      '<a href=" JaVaScRiPt:a">a</a>',
      '<a href="java&#115;cript:a">a</a>',
      '<a href="java&#x0A;script&#58;a">a</a>',
      '<a href="data:text/html,a">a</a>',
      '<img src="data:image/svg+xml,a"/>',
      '<?php a ?>a',
      '<![CDATA[a]]>',
      '<!DOCTYPE a>a',
      '<SCRIPT>a</SCRIPT>',
    ])
      assert.equal(isNarrative(div(inner)), false, inner)
  })

  it('is nested at most a hundred deep, and at most four million characters long', () => {
    assert.equal(isNarrative(div(`${'<p>'.repeat(50)}a${'</p>'.repeat(50)}`)), true)
    assert.equal(isNarrative(div(`${'<p>'.repeat(100)}a${'</p>'.repeat(100)}`)), false)
    assert.equal(isNarrative(div('a'.repeat(4 * 2 ** 20))), false)
  })
})
