import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { busyTimesIn, TooMany } from './busy-times.ts'
import { readApart } from './read-apart.ts'

const window = {
  from: Date.parse('2031-03-01T00:00Z'),
  until: Date.parse('2031-06-01T00:00Z'),
  zone: 'Asia/Kolkata', // five and a half hours ahead, all year
  ownHost: 'openhcs.test',
}

const calendar = (...lines: string[]) =>
  ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//Test//EN', ...lines, 'END:VCALENDAR', ''].join('\r\n')
const event = (...lines: string[]) => ['BEGIN:VEVENT', 'DTSTAMP:20310101T000000Z', ...lines, 'END:VEVENT']

const told = (...lines: string[]) => busyTimesIn([calendar(...lines)], window)
const short = (at: number) => new Date(at).toISOString().slice(5, 16)
/** `03-03T09:00 03-03T10:00`, one for each. */
const busyIn = (...lines: string[]) => {
  const { busy, unread } = told(...lines)
  assert.equal(unread, 0)
  return busy.map(([from, until]) => `${short(from)} ${short(until)}`)
}

// A zone that nobody else defines so: an hour ahead in summer, which begins on 30 March.
const zone = [
  ...['BEGIN:VTIMEZONE', 'TZID:Port Selam'],
  ...['BEGIN:STANDARD', 'DTSTART:20301027T030000', 'TZOFFSETFROM:+0200', 'TZOFFSETTO:+0100', 'END:STANDARD'],
  ...['BEGIN:DAYLIGHT', 'DTSTART:20310330T020000', 'TZOFFSETFROM:+0100', 'TZOFFSETTO:+0200', 'END:DAYLIGHT'],
  'END:VTIMEZONE',
]

describe('when somebody is busy', () => {
  it('by an event with an end, with a length, and with neither', () => {
    assert.deepEqual(busyIn(...event('UID:a', 'DTSTART:20310303T090000Z', 'DTEND:20310303T100000Z')), [
      '03-03T09:00 03-03T10:00',
    ])
    assert.deepEqual(busyIn(...event('UID:a', 'DTSTART:20310303T090000Z', 'DURATION:PT45M')), [
      '03-03T09:00 03-03T09:45',
    ])
    assert.deepEqual(busyIn(...event('UID:a', 'DTSTART:20310303T090000Z')), [])
    assert.deepEqual(busyIn(...event('UID:a', 'DTSTART;VALUE=DATE:20310303')), ['03-02T18:30 03-03T18:30'])
  })

  it('on the clock of the zone that is named, that the text defines, or of the calendar', () => {
    const at = (start: string) => busyIn(...zone, ...event('UID:a', start, 'DURATION:PT1H'))
    assert.deepEqual(at('DTSTART;TZID=Port Selam:20310303T090000'), ['03-03T08:00 03-03T09:00'])
    assert.deepEqual(at('DTSTART;TZID=Port Selam:20310403T090000'), ['04-03T07:00 04-03T08:00'])
    assert.deepEqual(at('DTSTART;TZID=America/New_York:20310303T090000'), ['03-03T14:00 03-03T15:00'])
    assert.deepEqual(at('DTSTART;TZID=Nowhere:20310303T090000'), ['03-03T03:30 03-03T04:30'])
    assert.deepEqual(at('DTSTART:20310303T090000'), ['03-03T03:30 03-03T04:30'])
  })

  it('by what repeats, without what was taken out, with what was added', () => {
    const lines = event(
      ...['UID:a', 'DTSTART;TZID=Port Selam:20310324T090000', 'DURATION:PT30M', 'RRULE:FREQ=WEEKLY;COUNT=4'],
      ...['EXDATE;TZID=Port Selam:20310407T090000', 'RDATE:20310501T120000Z'],
      'RDATE;VALUE=PERIOD:20310502T120000Z/PT2H',
    )
    assert.deepEqual(busyIn(...zone, ...lines), [
      '03-24T08:00 03-24T08:30',
      '03-31T07:00 03-31T07:30', // the clocks have moved
      '04-14T07:00 04-14T07:30',
      '05-01T12:00 05-01T12:30',
      '05-02T12:00 05-02T14:00',
    ])
  })

  it('until a rule ends, also in a zone that the text does not define', () => {
    const rule = (until: string) =>
      busyIn(
        ...event(
          'UID:a',
          'DTSTART;TZID=America/New_York:20310303T210000',
          'DURATION:PT1H',
          `RRULE:FREQ=DAILY;UNTIL=${until}`,
        ),
      )
    assert.deepEqual(rule('20310305T020000Z'), ['03-04T02:00 03-04T03:00', '03-05T02:00 03-05T03:00'])
    assert.equal(rule('20310304').length, 1) // by the calendar's own day
  })

  it('by a whole day that repeats, also when days have 23 hours', () => {
    const days = busyTimesIn(
      [
        calendar(
          ...event(
            'UID:a',
            'DTSTART;VALUE=DATE:20310328',
            'RRULE:FREQ=DAILY;COUNT=3;INTERVAL=2',
            'EXDATE;VALUE=DATE:20310401',
          ),
        ),
      ],
      { ...window, zone: 'Europe/Paris' },
    )
    assert.deepEqual(
      days.busy.map(([from, until]) => `${short(from)} ${short(until)}`),
      ['03-27T23:00 03-28T23:00', '03-29T23:00 03-30T22:00'],
    )
  })

  it('not when the event is free, cancelled, or over, or one of ours', () => {
    const at = ['DTSTART:20310303T090000Z', 'DURATION:PT1H']
    assert.deepEqual(
      busyIn(
        ...event('UID:a', ...at, 'TRANSP:TRANSPARENT'),
        ...event('UID:b', ...at, 'STATUS:CANCELLED'),
        ...event('UID:c', ...at, 'X-MICROSOFT-CDO-BUSYSTATUS:FREE'),
        ...event('UID:d', 'DTSTART:20300303T090000Z', 'DURATION:PT1H'),
        ...event('UID:appointment-018f3a5e-7c1b-7d2e-9f30-5a6b7c8d9e0f@openhcs.test', ...at),
      ),
      [],
    )
    assert.equal(busyIn(...event('UID:a', ...at, 'STATUS:TENTATIVE')).length, 1)
    assert.equal(busyIn(...event('UID:appointment-1@elsewhere.test', ...at)).length, 1)
  })

  it('by an occurrence that was moved, freed or cancelled, in whichever zone it is named', () => {
    const series = event(
      'UID:a',
      'DTSTART;TZID=Port Selam:20310303T090000',
      'DURATION:PT1H',
      'RRULE:FREQ=DAILY;COUNT=4',
    )
    const change = (on: string, ...lines: string[]) => event('UID:a', `RECURRENCE-ID:${on}`, ...lines)
    assert.deepEqual(
      busyIn(
        ...change('20310304T080000Z', 'DTSTART:20310310T120000Z', 'DURATION:PT2H'),
        ...zone,
        ...series,
        ...change('20310305T080000Z', 'DTSTART:20310305T080000Z', 'DURATION:PT1H', 'TRANSP:TRANSPARENT'),
        ...change('20310306T080000Z', 'DTSTART:20310306T080000Z', 'DURATION:PT1H', 'STATUS:CANCELLED'),
      ),
      ['03-03T08:00 03-03T09:00', '03-10T12:00 03-10T14:00'],
    )
  })

  it('from an occurrence on, where the rest was changed with it', () => {
    const series = event('UID:a', 'DTSTART:20310303T090000Z', 'DURATION:PT1H', 'RRULE:FREQ=DAILY;COUNT=4')
    const later = event(
      'UID:a',
      'RECURRENCE-ID;RANGE=THISANDFUTURE:20310305T090000Z',
      'DTSTART:20310305T110000Z',
      'DURATION:PT2H',
    )
    assert.deepEqual(busyIn(...series, ...later), [
      '03-03T09:00 03-03T10:00',
      '03-04T09:00 03-04T10:00',
      '03-05T11:00 03-05T13:00',
      '03-06T11:00 03-06T13:00',
    ])
  })

  it('by what a server tells without saying why; and touching times are one', () => {
    const lines = [
      'FREEBUSY:20310303T090000Z/20310303T100000Z,20310303T100000Z/PT1H',
      'FREEBUSY;FBTYPE=FREE:20310304T090000Z/PT1H',
    ]
    assert.deepEqual(busyIn('BEGIN:VFREEBUSY', 'DTSTAMP:20310101T000000Z', 'UID:a', ...lines, 'END:VFREEBUSY'), [
      '03-03T09:00 03-03T11:00',
    ])
  })

  it('whatever else is in the text: what makes no sense is counted, and closes nothing', () => {
    const good = event('UID:b', 'DTSTART:20310303T090000Z', 'DURATION:PT1H')
    const { busy, unread } = told(...event('UID:a', 'SUMMARY:Without a beginning'), ...good)
    assert.deepEqual([busy.length, unread], [1, 1])
  })
})

describe('a calendar that is hostile, or none', () => {
  const ask = (...texts: string[]) => readApart(texts, window)

  it('is none', async () => {
    for (const text of ['<html>Sign in</html>', '', 'BEGIN:VCARD\r\nEND:VCARD', 'BEGIN:VCALENDAR'])
      assert.deepEqual(await ask(text), { why: 'not-a-calendar' }, text)
  })

  it('repeats too often: every second, or in too many entries', async () => {
    const often = calendar(
      ...event('UID:a', 'DTSTART:20310303T090000Z', 'DURATION:PT1S', 'RRULE:FREQ=SECONDLY;INTERVAL=3'),
    )
    assert.throws(() => busyTimesIn([often], window), TooMany)
    assert.deepEqual(await ask(often), { why: 'too-complex' })
    const many = Array.from({ length: 20 }, (_, i) =>
      event(`UID:${i}`, 'DTSTART:20310303T090000Z', 'DURATION:PT1M', 'RRULE:FREQ=HOURLY'),
    )
    assert.deepEqual(await ask(calendar(...many.flat())), { why: 'too-complex' })
  })

  it('asks for every second since 1970: it has so much time, and the house answers meanwhile', async () => {
    const endless = calendar(...event('UID:a', 'DTSTART:19700101T000000Z', 'DURATION:PT1S', 'RRULE:FREQ=SECONDLY'))
    let turns = 0
    const timer = setInterval(() => turns++, 20)
    assert.deepEqual(await readApart([endless], window, 1), { why: 'too-complex' })
    clearInterval(timer)
    assert.ok(turns > 0)
  })
})
