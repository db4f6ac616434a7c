// Texts that have broken other systems, by what they are after. Of each kind a field gets one; which, goes by the field.

export interface Kind {
  name: string
  texts: readonly string[]
}

/** What somebody may be called, or write down: kept to the letter wherever a line of text is. */
export const kept: readonly Kind[] = [
  {
    name: 'HTML and script',
    texts: [
      `<script>alert(1)</script>"'><b>`,
      '<img src=x onerror=alert(1)>&lt;i&gt;',
      `</title></textarea><svg/onload='a()'>`,
    ],
  },
  {
    name: 'SQL',
    texts: ["Robert'); DROP TABLE patient;--", `" OR 1=1 /* \\' */ %_$1`, '$$;select pg_sleep(9);$$ E\\x27'],
  },
  {
    name: 'templates',
    texts: ['$\u007b7*7}{{7*7}}<%=7*7%>#{7*7}', '%s%n%x {0} $(id) `id`', '{{constructor.constructor()}}'],
  },
  {
    name: 'formulas',
    texts: ["=cmd|' /C calc'!A0", '+1+cmd|x', '-2+3+cmd|x', '@SUM(1+9)*cmd|x', '＝1+1', '=HYPERLINK("//x")'],
  },
  {
    name: 'direction',
    texts: ['\u202egpj.exe\u202c \u2066a\u2069', '\u2067עברית\u2069 \u202bعربي\u202c', '\u061c\u200f\u200eab'],
  },
  {
    name: 'what is not seen',
    texts: ['a\u200bb\u200c\u200dc\ufeff', '\u00ad\u2060\u180e\ufe0fx\u{e0041}\u{e007f}', 'x\u034f\u115f\u3164\uffa0'],
  },
  { name: 'combining marks', texts: [`Z${'\u0310\u0321\u0353'.repeat(5)}algo`, 'Å Å ﬁ', 'Ọlá́dàpọ̀ Ńdùkà'] },
  { name: 'scripts', texts: ['مُحَمَّد بن عَبْدُ اللهِ', 'नरेन्द्र කුමාර ሳባ 王𠮷', '👩🏽‍⚕️ 👨‍👩‍👧‍👦 🇬🇭', '𐍈𐌰𐌹𐍂𐌷 ʻŌ'] },
  {
    name: 'files',
    texts: ['../../../etc/passwd', '..\\..\\CON .pdf', '%2e%2e%2f%00.png', 'file:///etc/hosts;rm -rf ~'],
  },
  {
    name: 'words of programs',
    texts: ['null', 'undefined', '__proto__', 'constructor', 'true', 'NaN', '-0', '[object Object]'],
  },
  { name: 'ends of lines', texts: ['a\u0085Bcc: x@y.example', 'a\u2028b\u2029c', 'a%0d%0aSet-Cookie: x=1'] },
  {
    name: 'other notations',
    texts: ['","version":99,"x":"\\u0041\\n', ']]><!--&amp;&#x3c;', "'\\'';\\", '{"$ne":null}'],
  },
  {
    name: 'addresses',
    texts: ['http://169.254.169.254/latest/', '[x](javas\u0063ript:alert(1))', '//evil.example/%09'],
  },
  { name: 'gaps', texts: [' two  gaps ', '\u00a0no\u202fbreak\u3000', '\u2003ten signs or more\u2003'] },
]

/** Fills a field to the last character that it takes. */
export const fillers: Kind = { name: 'as long as it may be', texts: ['漢', '𐍈', 'W', '👩', 'é'] }

/** What is no text, or does not belong where a line or paragraphs are asked for; refused with where it is. */
export const refused: readonly { name: string; text: unknown; proseToo: boolean }[] = [
  { name: 'NUL', text: 'a\0b', proseToo: true },
  { name: 'half a pair, first', text: 'a\ud83d', proseToo: true },
  { name: 'half a pair, second', text: '\udc00b', proseToo: true },
  { name: 'escape', text: '\u001b[2Jgone', proseToo: true },
  { name: 'delete', text: 'a\u007fb', proseToo: true },
  { name: 'tab before a formula', text: '\t=1+1', proseToo: false },
  { name: 'a header', text: 'a\r\nBcc: x@example.org', proseToo: false },
  { name: 'a number', text: 42, proseToo: true },
  { name: 'an object', text: { $ne: null }, proseToo: true },
  { name: 'a list', text: ['a'], proseToo: true },
  { name: 'yes', text: true, proseToo: true },
]
