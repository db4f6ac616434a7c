import { writeFile } from 'node:fs/promises'
import { benchAccess } from './access-bench.ts'
import { benchBook } from './book-bench.ts'
import { benchCareTasks } from './care-tasks-bench.ts'
import type { Country } from './country.ts'
import { LARGE, makeCountryOf, type Place, SMALL, withDatabase } from './database.ts'
import { benchDuplicates } from './duplicates.ts'
import { benchExpand } from './expand-bench.ts'
import { benchFhir, benchGrowth } from './fhir-bench.ts'
import { benchFind } from './find-bench.ts'
import { benchImport } from './import-bench.ts'
import { benchIndex } from './index-bench.ts'
import { benchLimit } from './limit-bench.ts'
import { loadNow, machine } from './machine.ts'
import { benchMails } from './mail-bench.ts'
import { Load } from './measure.ts'
import { sqlAlone } from './pgbench.ts'
import { writePlans } from './plans.ts'
import { benchPrescribe } from './prescribe-bench.ts'
import { report } from './report.ts'
import { benchReports } from './report-bench.ts'
import { say } from './say.ts'
import type { Bench } from './setting.ts'
import { benchStart } from './start-bench.ts'
import { benchTelemetry } from './telemetry-bench.ts'
import { benchTelling } from './telling-bench.ts'
import { benchValidate } from './validate-bench.ts'
import { benchWaitlist } from './waitlist-bench.ts'

/** Measures the promises of the house; writes docs/benchmarks.md and docs/plans.md. About fifteen minutes. */
async function run(place: Place): Promise<void> {
  const loadBefore = loadNow()
  const seconds = Number(process.argv[2] ?? 8)
  const { folder } = place
  const bench: Bench = {
    folder,
    load: new Load(place.database.dataDirectory),
    seconds,
    envFor: (country) => envFor(country, folder),
  }
  try {
    const find = []
    for (const practitioners of [SMALL, LARGE]) {
      const country = await makeCountryOf(practitioners, place)
      say(`${practitioners} practitioners loaded in ${country.loadSeconds.toFixed(1)} s`)
      find.push(await benchFind(bench, country))
    }
    const [small, large] = find
    if (!small || !large) throw new Error('Nothing was measured')
    await writePlans([small.country, large.country])
    const book = await benchBook(bench, small.country)
    const telemetry = await benchTelemetry(bench, small.country)
    const telling = await benchTelling(bench.envFor(small.country), small.country)
    const access = await benchAccess(small.country)
    const duplicates = await benchDuplicates(place)
    const waitlist = await benchWaitlist(bench.envFor(small.country), small.country)
    const limit = await benchLimit(place, bench)
    const expand = benchExpand()
    const [validate, index] = [benchValidate(), benchIndex()]
    const mails = await benchMails(place)
    const fhir = await benchFhir(place, bench)
    const growth = await benchGrowth(place, bench)
    const imports = await benchImport(place)
    const care = await benchCare(place, bench.envFor(small.country), small.country)
    const start = await benchStart()
    const alone = await sqlAlone(bench, [small.country, large.country])
    const text = report(
      {
        small,
        large,
        book,
        telling,
        start,
        telemetry,
        access,
        duplicates,
        waitlist,
        limit,
        expand,
        mails,
        fhir,
        growth,
        imports,
        ...care,
        validate,
        index,
      },
      await machine(small.country, loadBefore),
      alone,
    )
    await writeFile(new URL('../docs/benchmarks.md', import.meta.url), text)
    say(text)
  } finally {
    await bench.load.stop()
  }
}

const benchCare = async (place: Place, env: Record<string, string>, country: Country) => ({
  prescribe: await benchPrescribe(env, country),
  careTasks: await benchCareTasks(place),
  reports: await benchReports(place),
})

const envFor = ({ appUrl, ownerUrl }: Country, folder: string): Record<string, string> => ({
  DATABASE_URL: appUrl,
  DATABASE_OWNER_URL: ownerUrl,
  OPENHCS_HOME: folder,
  PUBLIC_URL: 'http://openhcs.test',
  RATE_LIMIT_PER_MINUTE: '10000000',
})

if (import.meta.main) await withDatabase(run)
