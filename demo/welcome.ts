import { escapeHtml, page } from '#platform/documents.ts'
import type { House } from '#platform/house.ts'
import { DEMO_PASSWORD } from './country.ts'
import { fullName, tongueOf } from './names.ts'
import { isDemonstration } from './queries.ts'
import { signIns } from './sign-ins.ts'

/** What whoever opens the address in a browser reads first. */
export async function welcome(house: House): Promise<string> {
  const demo = await isDemoHouse(house)
  const { PUBLIC_URL } = house.config
  return page(
    'Welcome',
    [whatThisIs, demo ? notice : '', whereToGo, firstCall(PUBLIC_URL, demo), rooms(house)].join(''),
  )
}

async function isDemoHouse({ databases }: House): Promise<boolean> {
  const [database] = databases.values()
  if (!database) return false
  const { send, release } = await database.connect()
  try {
    return await isDemonstration(send)
  } finally {
    release()
  }
}

const whatThisIs = `
<p>This is an installation of OpenHCS, the Open Health Care Services API: people and those who care for them find the right practitioner and
get an appointment that nobody else can also get, and everyone concerned is told; what comes of the visit is written, signed and carried home. It is made for programs; this page is for the people who
write or run them.</p>`

const whereToGo = `
<h2>Where to go</h2>
<ul>
<li><a href="/docs">/docs</a>: every operation, to read and to try out</li>
<li><a href="/openapi.json">/openapi.json</a>: the same for programs (OpenAPI 3.0)</li>
<li><a href="/fhir/R4/metadata">/fhir/R4/metadata</a>: what there is as FHIR R4</li>
<li><a href="/verify">/verify</a>: checks health cards, also without a network</li>
<li><a href="/livez">/livez</a> and <a href="/readyz">/readyz</a>: whether it runs, and whether it can take requests</li>
<li><a href="/metrics">/metrics</a>: figures for Prometheus; only from this machine, or with a token</li>
</ul>`

const row = ({ userName, given, family, language, about }: (typeof signIns)[number]) =>
  `<tr><th scope="row"><code>${userName}</code></th><td lang="${language}" dir="auto">${escapeHtml(fullName(tongueOf(language), given, family))}</td><td>${escapeHtml(about)}</td></tr>`

const notice = `
<h2 id="demonstration">This is a demonstration</h2>
<div class="notice" role="note"><p><strong>The country in here is fictional.</strong> Null Island lies in the open sea at 0° N 0° E. None of its people,
practitioners, places, licences or visits exist; phone numbers and e-mail addresses are from ranges that reach nobody. Enter no real person here.</p></div>
<p>Everybody below signs in with the password <code>${DEMO_PASSWORD}</code>.</p>
<table aria-labelledby="demonstration">
<thead><tr><th scope="col">User name</th><th scope="col">Name</th><th scope="col">Who that is</th></tr></thead>
<tbody>
${signIns.map(row).join('\n')}
</tbody>
</table>
<p>To take the country away, with everything that was entered meanwhile, before you work with real people:</p>
<pre tabindex="0"><code>./openhcs demo purge</code></pre>`

function firstCall(url: string, demo: boolean): string {
  const find = demo
    ? `TOKEN=$(curl -s ${url}/v1/sessions \\
  -H 'content-type: application/json' \\
  -d '{"userName":"grace","password":"${DEMO_PASSWORD}"}' \\
  | sed 's/.*"token":"\\([^"]*\\)".*/\\1/')

curl -s -H "authorization: Bearer $TOKEN" \\
  "${url}/v1/practitioners/find?speciality=cardiology&limit=3"`
    : `curl -s "${url}/v1/specialities?q=heart"`
  const what = demo
    ? 'Grace, a caregiver, signs in and asks who of the cardiologists is free first:'
    : 'Which speciality is it that people call “heart”? This one needs no sign-in:'
  const next = demo
    ? ''
    : `<p>Nobody can sign in yet unless you have made them an account. Make the first administrator with</p>
<pre tabindex="0"><code>./openhcs administrator create &lt;user name&gt;</code></pre>
<p>or load a fictional country to try things in, while there is no real data, with <code>./openhcs demo load</code>.</p>`
  return `<h2>A first call</h2><p>${what}</p><pre tabindex="0"><code>${escapeHtml(find)}</code></pre>${next}`
}

function rooms({ services, rooms }: House): string {
  const here = new Set(rooms.map(({ name }) => name))
  const items = services.map(({ name, purpose }) => {
    const where = here.has(name) ? '' : ' (in another process)'
    return `<dt><strong>${escapeHtml(name)}</strong>${where}</dt><dd>${escapeHtml(purpose)}</dd>`
  })
  return `<h2>Rooms</h2><p>OpenHCS is one house with rooms, its services. These are its rooms:</p><dl>${items.join('')}</dl>`
}
