import type { Words } from './words.ts'

export const sw: Words = {
  messages: {
    'appointment-booked.patient': {
      title: 'Miadi imewekwa',
      text: 'Miadi yako na {practitioner} ni {when}{where}.',
      short: 'Una miadi {when}.',
    },
    'appointment-booked.caregiver': {
      title: 'Miadi imewekwa',
      text: 'Miadi ya {patient} na {practitioner} ni {when}{where}.',
      short: 'Mtu unayemtunza ana miadi {when}.',
    },
    'appointment-booked.practitioner': {
      title: 'Miadi mpya',
      text: '{patient} ana miadi nawe {when}{where}.',
      mail: 'Miadi nawe imewekwa {when}{where}. Ingia kwenye akaunti ili kuona ni na nani.',
      short: 'Miadi nawe imewekwa {when}.',
    },
    'appointment-rescheduled.patient': {
      title: 'Miadi imehamishwa',
      text: 'Miadi yako na {practitioner} imehamishwa. Sasa ni {when}{where}.',
      short: 'Miadi yako imehamishwa. Sasa ni {when}.',
    },
    'appointment-rescheduled.caregiver': {
      title: 'Miadi imehamishwa',
      text: 'Miadi ya {patient} na {practitioner} imehamishwa. Sasa ni {when}{where}.',
      short: 'Miadi ya mtu unayemtunza imehamishwa. Sasa ni {when}.',
    },
    'appointment-rescheduled.practitioner': {
      title: 'Miadi imehamishwa',
      text: 'Miadi ya {patient} nawe imehamishwa. Sasa ni {when}{where}.',
      mail: 'Miadi nawe imehamishwa. Sasa ni {when}{where}. Ingia kwenye akaunti ili kuona ni na nani.',
      short: 'Miadi nawe imehamishwa. Sasa ni {when}.',
    },
    'appointment-cancelled.patient': {
      title: 'Miadi imeghairiwa',
      text: 'Miadi yako na {practitioner} ya {when} imeghairiwa.',
      short: 'Miadi yako ya {when} imeghairiwa.',
    },
    'appointment-cancelled.caregiver': {
      title: 'Miadi imeghairiwa',
      text: 'Miadi ya {patient} na {practitioner} ya {when} imeghairiwa.',
      short: 'Miadi ya mtu unayemtunza, ya {when}, imeghairiwa.',
    },
    'appointment-cancelled.practitioner': {
      title: 'Miadi imeghairiwa',
      text: 'Miadi ya {patient} nawe ya {when} imeghairiwa.',
      mail: 'Miadi nawe ya {when} imeghairiwa. Ingia kwenye akaunti ili kuona ni na nani.',
      short: 'Miadi nawe ya {when} imeghairiwa.',
    },
    'appointment-reminder.patient': {
      title: 'Miadi yako imekaribia',
      text: 'Miadi yako na {practitioner} ni {when}{where}. Ikiwa huwezi kuja, tafadhali ighairi, ili mtu mwingine apate nafasi hiyo.',
      short: 'Miadi yako ni {when}. Ikiwa huwezi kuja, tafadhali ighairi.',
    },
    'appointment-reminder.caregiver': {
      title: 'Kuna miadi iliyokaribia',
      text: 'Miadi ya {patient} na {practitioner} ni {when}{where}. Ikiwa haiwezekani kuja, tafadhali ighairi, ili mtu mwingine apate nafasi hiyo.',
      short: 'Mtu unayemtunza ana miadi {when}. Ikiwa haiwezekani kuja, tafadhali ighairi.',
    },
    'appointments-reminder.patient': {
      title: 'Miadi yako imekaribia',
      text: 'Una miadi {count, plural, one {#} other {#}}:\n{list}\nIkiwa huwezi kuja, tafadhali ighairi, ili mtu mwingine apate nafasi hiyo.',
      short: 'Una miadi {count, plural, one {#} other {#}}, ya kwanza {when}.',
    },
    'appointments-reminder.caregiver': {
      title: 'Kuna miadi iliyokaribia',
      text: '{patient} ana miadi {count, plural, one {#} other {#}}:\n{list}\nIkiwa haiwezekani kuja, tafadhali ighairi, ili mtu mwingine apate nafasi hiyo.',
      short: 'Mtu unayemtunza ana miadi {count, plural, one {#} other {#}}, ya kwanza {when}.',
    },
    'appointments-booked.patient': {
      title: 'Miadi imewekwa',
      text: 'Una miadi {count, plural, one {#} other {#}} na {practitioner}:\n{times}',
      short: 'Una miadi {count, plural, one {#} other {#}}, ya kwanza {when}.',
    },
    'appointments-booked.caregiver': {
      title: 'Miadi imewekwa',
      text: '{patient} ana miadi {count, plural, one {#} other {#}} na {practitioner}:\n{times}',
      short: 'Mtu unayemtunza ana miadi {count, plural, one {#} other {#}}, ya kwanza {when}.',
    },
    'appointments-booked.practitioner': {
      title: 'Miadi mipya',
      text: '{patient} ana miadi {count, plural, one {#} other {#}} nawe:\n{times}',
      mail: 'Umewekewa miadi {count, plural, one {#} other {#}}:\n{times}\nIngia ili kuona ni na nani.',
      short: 'Umewekewa miadi {count, plural, one {#} other {#}}, ya kwanza {when}.',
    },
    'appointments-rescheduled.patient': {
      title: 'Miadi imehamishwa',
      text: 'Zimehamishwa miadi {count, plural, one {#} other {#}} na {practitioner}. Sasa ni:\n{times}',
      short: 'Zimehamishwa miadi {count, plural, one {#} other {#}}. Ya kwanza sasa ni {when}.',
    },
    'appointments-rescheduled.caregiver': {
      title: 'Miadi imehamishwa',
      text: 'Zimehamishwa miadi {count, plural, one {#} other {#}} za {patient} na {practitioner}. Sasa ni:\n{times}',
      short: 'Zimehamishwa miadi {count, plural, one {#} other {#}} za mtu unayemtunza. Ya kwanza sasa ni {when}.',
    },
    'appointments-rescheduled.practitioner': {
      title: 'Miadi imehamishwa',
      text: 'Zimehamishwa miadi {count, plural, one {#} other {#}} za {patient} nawe. Sasa ni:\n{times}',
      mail: 'Zimehamishwa miadi {count, plural, one {#} other {#}} zako. Sasa ni:\n{times}\nIngia ili kuona ni na nani.',
      short: 'Zimehamishwa miadi {count, plural, one {#} other {#}} zako. Ya kwanza sasa ni {when}.',
    },
    'appointments-cancelled.patient': {
      title: 'Miadi imeghairiwa',
      text: 'Zimeghairiwa miadi {count, plural, one {#} other {#}} na {practitioner}:\n{times}',
      short: 'Zimeghairiwa miadi {count, plural, one {#} other {#}}, ya kwanza ile ya {when}.',
    },
    'appointments-cancelled.caregiver': {
      title: 'Miadi imeghairiwa',
      text: 'Zimeghairiwa miadi {count, plural, one {#} other {#}} za {patient} na {practitioner}:\n{times}',
      short: 'Zimeghairiwa miadi {count, plural, one {#} other {#}} za mtu unayemtunza, ya kwanza ile ya {when}.',
    },
    'appointments-cancelled.practitioner': {
      title: 'Miadi imeghairiwa',
      text: 'Zimeghairiwa miadi {count, plural, one {#} other {#}} za {patient} nawe:\n{times}',
      mail: 'Zimeghairiwa miadi {count, plural, one {#} other {#}} zako:\n{times}\nIngia ili kuona ni na nani.',
      short: 'Zimeghairiwa miadi {count, plural, one {#} other {#}} zako, ya kwanza ile ya {when}.',
    },
    'waitlist-offer.patient': {
      title: 'Nafasi imepatikana',
      text: 'Unaweza kupata miadi na {practitioner} {when}{where}. Hakuna mwingine anayeweza kuichukua hadi {until}; tafadhali jibu ndiyo au hapana kabla ya hapo.',
    },
    'waitlist-offer.caregiver': {
      title: 'Nafasi imepatikana',
      text: '{patient} anaweza kupata miadi na {practitioner} {when}{where}. Hakuna mwingine anayeweza kuichukua hadi {until}; tafadhali jibu ndiyo au hapana kabla ya hapo.',
    },
    'mandate-granted.patient': {
      title: 'Umetoa idhini',
      text: '{caregiver} ataweza kutenda kwa niaba yako mara tu atakapokubali. Unaweza kuondoa idhini hii wakati wowote.',
    },
    'mandate-granted.caregiver': {
      title: 'Unaombwa kutenda kwa niaba ya mtu',
      text: '{patient} anakuomba utende kwa niaba yake. Angalia idhini inaruhusu nini, na kuanzia lini hadi lini; kisha ikubali au ikatae.',
    },
    'mandate-accepted.patient': {
      title: 'Idhini yako imekubaliwa',
      text: '{caregiver} sasa anaweza kutenda kwa niaba yako. Unaweza kuondoa idhini hii wakati wowote.',
    },
    'mandate-accepted.caregiver': {
      title: 'Una idhini',
      text: 'Sasa unaweza kutenda kwa niaba ya {patient}.',
    },
    'mandate-ending.patient': {
      title: 'Idhini itaisha hivi karibuni',
      text: '{caregiver} anaweza kutenda kwa niaba yako kwa wiki chache zaidi. Ikiwa bado inafaa, mpe idhini mpya.',
    },
    'mandate-ending.caregiver': {
      title: 'Idhini itaisha hivi karibuni',
      text: 'Unaweza kutenda kwa niaba ya {patient} kwa wiki chache zaidi. Ikiwa bado inafaa, unaweza kupewa idhini mpya; mtoto anayefikia utu uzima huamua mwenyewe.',
    },
    'mandate-revoked.patient': {
      title: 'Idhini imeisha',
      text: '{caregiver} hawezi tena kutenda kwa niaba yako.',
    },
    'mandate-revoked.caregiver': {
      title: 'Idhini imeisha',
      text: 'Huwezi tena kutenda kwa niaba ya {patient}.',
    },
    'record-opened.patient': {
      title: 'Rekodi yako ilifunguliwa wakati wa dharura',
      text: '{practitioner} alifungua rekodi yako wakati wa dharura, kwa saa nne. Msimamizi ataichunguza; ukiona haikuwa sawa, mwambie.',
      mail: 'Rekodi yako ilifunguliwa wakati wa dharura, kwa saa nne. Ingia kwenye akaunti ili kuona ni nani. Msimamizi ataichunguza.',
    },
    'record-opened.caregiver': {
      title: 'Rekodi ilifunguliwa wakati wa dharura',
      text: '{practitioner} alifungua rekodi ya {patient} wakati wa dharura, kwa saa nne. Msimamizi ataichunguza.',
      mail: 'Rekodi ya mtu unayemtunza ilifunguliwa wakati wa dharura, kwa saa nne. Ingia kwenye akaunti ili kuona ni ya nani. Msimamizi ataichunguza.',
    },
    'record-merged.patient': {
      title: 'Rekodi yako imeunganishwa na nyingine',
      text: 'Msimamizi alibaini kuwa rekodi mbili ni za mtu mmoja, wewe, na akaziunganisha. Ukiona ni kosa, mwambie msimamizi: inaweza kutenguliwa.',
    },
    'record-merged.caregiver': {
      title: 'Rekodi imeunganishwa na nyingine',
      text: 'Msimamizi alibaini kuwa rekodi mbili ni za mtu mmoja unayemtunza, na akaziunganisha. Ukiona ni kosa, mwambie msimamizi: inaweza kutenguliwa.',
    },
    'record-unmerged.patient': {
      title: 'Rekodi yako imetenganishwa na nyingine',
      text: 'Rekodi mbili zilikuwa zimeunganishwa, na msimamizi amezitenganisha tena. Pitia yako; ikiwa kuna kitu kisicho chako, au kinachokosekana, mwambie msimamizi.',
    },
    'record-unmerged.caregiver': {
      title: 'Rekodi imetenganishwa na nyingine',
      text: 'Rekodi mbili, moja ikiwa ya mtu unayemtunza, zilikuwa zimeunganishwa, na msimamizi amezitenganisha tena. Ikiwa kuna kinachokosekana, mwambie msimamizi.',
    },
    'licence-verified.practitioner': {
      title: 'Leseni imethibitishwa',
      text: 'Leseni yako imethibitishwa. Sasa unaweza kutoa miadi.',
    },
    'licence-rejected.practitioner': {
      title: 'Leseni haikukubaliwa',
      text: 'Leseni yako haikuweza kuthibitishwa. Iangalie ili ujue kwa nini, kisha uitume tena.',
    },
    'licence-revoked.practitioner': {
      title: 'Leseni imeondolewa',
      text: 'Leseni yako haikubaliwi tena, hivyo huwezi kufanya kazi hapa kwa leseni hiyo. Iangalie ili ujue kwa nini, na umuulize msimamizi ukiona ni kosa.',
    },
    'licence-ending.practitioner': {
      title: 'Leseni yako itaisha hivi karibuni',
      text: 'Leseni yako itaisha ndani ya {days, plural, one {siku #} other {siku #}}. Ongeza mpya pamoja na cheti chake; bila hiyo hutaonyeshwa tena kwa mtu yeyote.',
    },
    'message.patient': {
      title: 'Ujumbe kwako',
      text: '{written}',
      mail: 'Mtu anayekutibu amekuandikia. Ingia ili uusome.',
      short: 'Kuna ujumbe kwako.',
    },
    'message.caregiver': {
      title: 'Ujumbe kuhusu mtu unayemtunza',
      text: '{written}',
      mail: 'Mtu anayemtibu yule unayemtunza ameandika. Ingia ili uusome.',
      short: 'Kuna ujumbe kuhusu mtu unayemtunza.',
    },
    'announcement.person': {
      title: 'Tangazo',
      text: '{written}',
      mail: 'Kuna tangazo. Ingia ili ulisome.',
      short: 'Kuna tangazo.',
    },
    'thread-message.patient': {
      title: 'Ujumbe kuhusu ziara yako',
      text: 'Mtu ameandika kuhusu ziara yako. Ingia ili uusome.',
      short: 'Kuna ujumbe kuhusu ziara yako.',
    },
    'thread-message.caregiver': {
      title: 'Ujumbe kuhusu mtu unayemtunza',
      text: 'Mtu ameandika kuhusu ziara ya mtu unayemtunza. Ingia ili uusome.',
      short: 'Kuna ujumbe kuhusu mtu unayemtunza.',
    },
    'thread-message.practitioner': {
      title: 'Ujumbe kutoka kwa mgonjwa',
      text: 'Mgonjwa amekuandikia kuhusu ziara. Ingia ili uusome.',
      short: 'Kuna ujumbe kutoka kwa mgonjwa.',
    },
    'care-task.patient': {
      title: 'Ni wakati wa jambo katika mpango wako wa matunzo',
      text: 'Ni wakati wa jambo katika mpango wako wa matunzo. Ingia ili uone ni lipi na useme kwamba limefanyika.',
      short: 'Ni wakati wa jambo katika mpango wako wa matunzo.',
    },
    'care-task.caregiver': {
      title: 'Ni wakati wa jambo unalomfanyia mtu unayemtunza',
      text: 'Ni wakati wa jambo unalomfanyia mtu unayemtunza. Ingia ili uone ni lipi na useme kwamba limefanyika.',
      short: 'Ni wakati wa jambo unalomfanyia mtu unayemtunza.',
    },
    'care-task.practitioner': {
      title: 'Ni wakati wa jambo katika mpango wa matunzo wa mgonjwa',
      text: 'Ni wakati wa jambo unalofanya katika mpango wa matunzo wa mgonjwa. Ingia ili uone ni lipi na useme kwamba limefanyika.',
      short: 'Ni wakati wa jambo katika mpango wa matunzo wa mgonjwa.',
    },
    'care-plan-review.practitioner': {
      title: 'Mpango wa matibabu unahitaji kupitiwa tena',
      text: 'Siku uliyopanga kupitia tena mpango wa matibabu imefika. Ingia ili uone ni upi.',
    },
    'webhook-disabled.administrator': {
      title: 'Webhook imezimwa',
      text: '{host} {reason, select, gone {inasema haitaki webhook tena} other {haijapokea webhook yoyote kwa siku tano}}, kwa hiyo haipelekewi tena. Iwashe tena itakapofanya kazi, kisha utume upya zilizoachwa.',
    },
    'erasure-requested.person': {
      title: 'Ufutaji umeombwa',
      text: 'Yanayojulikana kukuhusu hapa yatafutwa. Ikiwa hukutaka hivyo, ingia kwenye akaunti na usitishe.',
    },
    'erasure-claimed.person': {
      title: 'Ufutaji wa rekodi yako umeombwa',
      text: 'Tarehe {created}, kabla hujachukua rekodi yako hapa, msimamizi aliomba ifutwe. Itafanyika tarehe {due}. Ikiwa hutaki, ingia kwenye akaunti na usitishe; ukitaka, unaweza kuthibitisha.',
    },
    'export-ready.person': {
      title: 'Nakala yako iko tayari',
      text: 'Ulichoomba kinaweza kuchukuliwa kwa siku kadhaa. Ingia kwenye akaunti ili kukichukua.',
    },
    'password-changed.person': {
      title: 'Nenosiri lako limebadilishwa',
      text: 'Mahali pengine pote ulipokuwa umeingia, umetolewa. Ikiwa si wewe, ingia kwa msimbo au ufunguo wa siri, chagua nenosiri lingine, na uangalie funguo zako na vipindi vyako.',
    },
    'texts-stopped.person': {
      title: 'SMS kwa simu yako zimesitishwa',
      text: 'Mtu aliandika {stopWord} kutoka kwa simu iliyo kwenye akaunti yako, hivyo SMS za huduma hazitumwi tena huko, kwa yeyote anayeitumia. {startWord}, ikiandikwa kutoka kwa simu hiyo, huzirudisha. Kila kitu bado kiko hapa.',
    },
    'texts-started.person': {
      title: 'SMS kwa simu yako zinaanza tena',
      text: 'Mtu aliandika {startWord} kutoka kwa simu iliyo kwenye akaunti yako, hivyo SMS za huduma zinatumwa tena huko.',
    },
  },
  phrases: {
    when: '{time} ({zone})',
    'when-both': '{time} ({zone}; kwako {own}, {ownZone})',
    where: '{how, select, video {, kwa video} phone {, kwa simu} place {, mahali: {place}} other {}}',
    visit: '- na {practitioner} {when}{where}',
    'code.title': 'Msimbo wako',
    'code.text':
      '{code} ni msimbo wako wa {site}. Unatumika kwa {minutes, plural, one {dakika #} other {dakika #}}. Usimpe mtu yeyote: hatuuombi kamwe. Ikiwa hukuutaka, huhitaji kufanya lolote.',
    'code.spoken': 'Msimbo wako ni: {digits}. Tena: {digits}. Usimpe mtu yeyote.',
    'link.confirm': 'Kuthibitisha kuwa utakuja:\n{url}',
    'link.move': 'Kuchagua wakati mwingine:\n{url}',
    'link.cancel': 'Kughairi:\n{url}',
    'link.choose': '{when}: kuthibitisha, kuhamisha au kughairi\n{url}',
    'link.accept': 'Ndiyo, naichukua:\n{url}',
    'link.decline': 'Hapana, nawaachia wengine:\n{url}',
    'digest.title': '{count, plural, one {Ujumbe # wa leo} other {Jumbe # za leo}}',
    'footer.mail':
      'Ona yote yanayokuhusu hapa:\n{url}\nHakuna anayesoma majibu kwa anwani hii. Ikiwa ujumbe huu si wako, tafadhali ufute.',
    'footer.text': '{stopWord} husitisha SMS hizi.\n{url}',
    'answer.stop': 'SMS za huduma hazitakuja tena kwa simu hii. {startWord} huzirudisha.\n{url}',
    'answer.start': 'SMS za huduma zinakuja tena kwa simu hii. {stopWord} huzisitisha.\n{url}',
    'answer.help':
      'SMS kuhusu miadi. {stopWord} huzisitisha, {startWord} huzirudisha. Kwa dharura piga simu kliniki yako au nambari ya dharura.\n{url}',
    'word.stop': 'STOP',
    'word.start': 'START',
    'calendar.patient': 'Miadi na {practitioner}',
    'calendar.caregiver': 'Miadi na {practitioner} (ya mtu unayemtunza)',
    'calendar.practitioner': 'Miadi (ingia kwenye akaunti ili kuona ni na nani)',
  },
}
