import type { Words } from './words.ts'

export const en: Words = {
  messages: {
    'appointment-booked.patient': {
      title: 'Appointment booked',
      text: 'Your appointment with {practitioner} is on {when}{where}.',
      short: 'You have an appointment on {when}.',
    },
    'appointment-booked.caregiver': {
      title: 'Appointment booked',
      text: 'The appointment of {patient} with {practitioner} is on {when}{where}.',
      short: 'Somebody you care for has an appointment on {when}.',
    },
    'appointment-booked.practitioner': {
      title: 'New appointment',
      text: '{patient} has an appointment with you on {when}{where}.',
      mail: 'An appointment with you was booked for {when}{where}. Sign in to see with whom.',
      short: 'An appointment with you was booked for {when}.',
    },
    'appointment-rescheduled.patient': {
      title: 'Appointment moved',
      text: 'Your appointment with {practitioner} was moved. It is now on {when}{where}.',
      short: 'Your appointment was moved. It is now on {when}.',
    },
    'appointment-rescheduled.caregiver': {
      title: 'Appointment moved',
      text: 'The appointment of {patient} with {practitioner} was moved. It is now on {when}{where}.',
      short: 'An appointment of somebody you care for was moved. It is now on {when}.',
    },
    'appointment-rescheduled.practitioner': {
      title: 'Appointment moved',
      text: 'The appointment of {patient} with you was moved. It is now on {when}{where}.',
      mail: 'An appointment with you was moved. It is now on {when}{where}. Sign in to see with whom.',
      short: 'An appointment with you was moved. It is now on {when}.',
    },
    'appointment-cancelled.patient': {
      title: 'Appointment cancelled',
      text: 'Your appointment with {practitioner} on {when} was cancelled.',
      short: 'Your appointment on {when} was cancelled.',
    },
    'appointment-cancelled.caregiver': {
      title: 'Appointment cancelled',
      text: 'The appointment of {patient} with {practitioner} on {when} was cancelled.',
      short: 'An appointment of somebody you care for on {when} was cancelled.',
    },
    'appointment-cancelled.practitioner': {
      title: 'Appointment cancelled',
      text: 'The appointment of {patient} with you on {when} was cancelled.',
      mail: 'An appointment with you on {when} was cancelled. Sign in to see with whom.',
      short: 'An appointment with you on {when} was cancelled.',
    },
    'appointment-reminder.patient': {
      title: 'Your appointment is near',
      text: 'Your appointment with {practitioner} is on {when}{where}. If you cannot come, please cancel it, so that somebody else can have the time.',
      short: 'Your appointment is on {when}. If you cannot come, please cancel it.',
    },
    'appointment-reminder.caregiver': {
      title: 'An appointment is near',
      text: 'The appointment of {patient} with {practitioner} is on {when}{where}. If it cannot be kept, please cancel it, so that somebody else can have the time.',
      short: 'An appointment of somebody you care for is on {when}. If it cannot be kept, please cancel it.',
    },
    'appointments-reminder.patient': {
      title: 'Your appointments are near',
      text: 'You have {count, plural, one {# appointment} other {# appointments}}:\n{list}\nIf you cannot come, please cancel, so that somebody else can have the time.',
      short: 'You have {count, plural, one {# appointment} other {# appointments}}, the first on {when}.',
    },
    'appointments-reminder.caregiver': {
      title: 'Appointments are near',
      text: '{patient} has {count, plural, one {# appointment} other {# appointments}}:\n{list}\nIf they cannot be kept, please cancel, so that somebody else can have the time.',
      short:
        'Somebody you care for has {count, plural, one {# appointment} other {# appointments}}, the first on {when}.',
    },
    'appointments-booked.patient': {
      title: 'Appointments booked',
      text: 'You have {count, plural, one {# appointment} other {# appointments}} with {practitioner}:\n{times}',
      short: 'You have {count, plural, one {# appointment} other {# appointments}}, the first on {when}.',
    },
    'appointments-booked.caregiver': {
      title: 'Appointments booked',
      text: '{patient} has {count, plural, one {# appointment} other {# appointments}} with {practitioner}:\n{times}',
      short:
        'Somebody you care for has {count, plural, one {# appointment} other {# appointments}}, the first on {when}.',
    },
    'appointments-booked.practitioner': {
      title: 'New appointments',
      text: '{patient} has {count, plural, one {# appointment} other {# appointments}} with you:\n{times}',
      mail: 'Booked with you: {count, plural, one {# appointment} other {# appointments}}.\n{times}\nSign in to see with whom.',
      short: 'Booked with you: {count, plural, one {# appointment} other {# appointments}}, the first on {when}.',
    },
    'appointments-rescheduled.patient': {
      title: 'Appointments moved',
      text: 'Moved with {practitioner}: {count, plural, one {# appointment} other {# appointments}}. They are now:\n{times}',
      short: 'Moved: {count, plural, one {# appointment} other {# appointments}}. The first is now on {when}.',
    },
    'appointments-rescheduled.caregiver': {
      title: 'Appointments moved',
      text: 'Moved for {patient} with {practitioner}: {count, plural, one {# appointment} other {# appointments}}. They are now:\n{times}',
      short:
        'Moved for somebody you care for: {count, plural, one {# appointment} other {# appointments}}. The first is now on {when}.',
    },
    'appointments-rescheduled.practitioner': {
      title: 'Appointments moved',
      text: 'Moved for {patient} with you: {count, plural, one {# appointment} other {# appointments}}. They are now:\n{times}',
      mail: 'Moved with you: {count, plural, one {# appointment} other {# appointments}}. They are now:\n{times}\nSign in to see with whom.',
      short: 'Moved with you: {count, plural, one {# appointment} other {# appointments}}. The first is now on {when}.',
    },
    'appointments-cancelled.patient': {
      title: 'Appointments cancelled',
      text: 'Cancelled with {practitioner}: {count, plural, one {# appointment} other {# appointments}}.\n{times}',
      short: 'Cancelled: {count, plural, one {# appointment} other {# appointments}}, the first that on {when}.',
    },
    'appointments-cancelled.caregiver': {
      title: 'Appointments cancelled',
      text: 'Cancelled for {patient} with {practitioner}: {count, plural, one {# appointment} other {# appointments}}.\n{times}',
      short:
        'Cancelled for somebody you care for: {count, plural, one {# appointment} other {# appointments}}, the first that on {when}.',
    },
    'appointments-cancelled.practitioner': {
      title: 'Appointments cancelled',
      text: 'Cancelled for {patient} with you: {count, plural, one {# appointment} other {# appointments}}.\n{times}',
      mail: 'Cancelled with you: {count, plural, one {# appointment} other {# appointments}}.\n{times}\nSign in to see with whom.',
      short:
        'Cancelled with you: {count, plural, one {# appointment} other {# appointments}}, the first that on {when}.',
    },
    'waitlist-offer.patient': {
      title: 'A time has become free',
      text: 'You can have an appointment with {practitioner} on {when}{where}. Nobody else can take it until {until}; please say yes or no before then.',
    },
    'waitlist-offer.caregiver': {
      title: 'A time has become free',
      text: '{patient} can have an appointment with {practitioner} on {when}{where}. Nobody else can take it until {until}; please say yes or no before then.',
    },
    'mandate-granted.patient': {
      title: 'You offered a mandate',
      text: '{caregiver} may act for you as soon as they accept. You can withdraw this at any time.',
    },
    'mandate-granted.caregiver': {
      title: 'You are asked to act for somebody',
      text: '{patient} asks you to act for them. Look at the mandate to see what it permits, and from when to when; then accept it, or decline.',
    },
    'mandate-accepted.patient': {
      title: 'Your mandate was accepted',
      text: '{caregiver} may now act for you. You can withdraw this at any time.',
    },
    'mandate-accepted.caregiver': {
      title: 'You have a mandate',
      text: 'You may now act for {patient}.',
    },
    'mandate-ending.patient': {
      title: 'A mandate ends soon',
      text: '{caregiver} may act for you for a few weeks more. If that is still right, give them a new mandate.',
    },
    'mandate-ending.caregiver': {
      title: 'A mandate ends soon',
      text: 'You may act for {patient} for a few weeks more. If that is still right, they can give you a new mandate; a child who comes of age decides that alone.',
    },
    'mandate-revoked.patient': {
      title: 'A mandate has ended',
      text: '{caregiver} may no longer act for you.',
    },
    'mandate-revoked.caregiver': {
      title: 'A mandate has ended',
      text: 'You may no longer act for {patient}.',
    },
    'record-opened.patient': {
      title: 'Your record was opened in an emergency',
      text: '{practitioner} opened your record in an emergency, for four hours. An administrator will look into it; if you think that it was not right, tell them.',
      mail: 'Your record was opened in an emergency, for four hours. Sign in to see by whom. An administrator will look into it.',
    },
    'record-opened.caregiver': {
      title: 'A record was opened in an emergency',
      text: '{practitioner} opened the record of {patient} in an emergency, for four hours. An administrator will look into it.',
      mail: 'The record of somebody you care for was opened in an emergency, for four hours. Sign in to see whose. An administrator will look into it.',
    },
    'record-merged.patient': {
      title: 'Your record was joined with another',
      text: 'An administrator found that two records are of one person, you, and made them one. If you think that this is wrong, tell an administrator: it can be undone.',
    },
    'record-merged.caregiver': {
      title: 'A record was joined with another',
      text: 'An administrator found that two records are of one person, for whom you care, and made them one. If you think that this is wrong, tell an administrator: it can be undone.',
    },
    'record-unmerged.patient': {
      title: 'Your record was parted from another',
      text: 'Two records had been joined, and an administrator has parted them again. Look through yours; if something in it is not yours, or is missing, tell an administrator.',
    },
    'record-unmerged.caregiver': {
      title: 'A record was parted from another',
      text: 'Two records, one of them of a person for whom you care, had been joined, and an administrator has parted them again. If something is missing, tell an administrator.',
    },
    'licence-verified.practitioner': {
      title: 'Licence verified',
      text: 'Your licence was verified. You can offer appointments now.',
    },
    'licence-rejected.practitioner': {
      title: 'Licence not accepted',
      text: 'Your licence could not be verified. Look at it to see why, and send it again.',
    },
    'licence-revoked.practitioner': {
      title: 'Licence withdrawn',
      text: 'Your licence is no longer accepted, so you cannot practise by it here. Look at it to see why, and ask an administrator if you think that this is wrong.',
    },
    'licence-ending.practitioner': {
      title: 'Your licence ends soon',
      text: 'Your licence ends within {days, plural, one {# day} other {# days}}. Add the new one with its certificate; without it you are offered to nobody afterwards.',
    },
    'message.patient': {
      title: 'A message for you',
      text: '{written}',
      mail: 'Somebody who treats you has written to you. Sign in to read it.',
      short: 'There is a message for you.',
    },
    'message.caregiver': {
      title: 'A message about somebody you care for',
      text: '{written}',
      mail: 'Somebody who treats a person for whom you care has written. Sign in to read it.',
      short: 'There is a message about somebody you care for.',
    },
    'announcement.person': {
      title: 'An announcement',
      text: '{written}',
      mail: 'There is an announcement. Sign in to read it.',
      short: 'There is an announcement.',
    },
    'thread-message.patient': {
      title: 'A message about your visit',
      text: 'Somebody has written about your visit. Sign in to read it.',
      short: 'There is a message about your visit.',
    },
    'thread-message.caregiver': {
      title: 'A message about somebody you care for',
      text: 'Somebody has written about a visit of a person for whom you care. Sign in to read it.',
      short: 'There is a message about somebody you care for.',
    },
    'thread-message.practitioner': {
      title: 'A message from a patient',
      text: 'A patient has written to you about a visit. Sign in to read it.',
      short: 'There is a message from a patient.',
    },
    'care-task.patient': {
      title: 'Something in your care plan is due',
      text: 'It is time for something in your care plan. Sign in to see what it is, and to say that it is done.',
      short: 'Something in your care plan is due.',
    },
    'care-task.caregiver': {
      title: 'Something that you do for somebody you care for is due',
      text: 'It is time for something that you do for a person for whom you care. Sign in to see what it is, and to say that it is done.',
      short: 'Something that you do for somebody you care for is due.',
    },
    'care-task.practitioner': {
      title: 'Something in a care plan is due',
      text: 'It is time for something that you do by the care plan of a patient. Sign in to see what it is, and to say that it is done.',
      short: 'Something in a patient’s care plan is due.',
    },
    'care-plan-review.practitioner': {
      title: 'A care plan is to be looked at again',
      text: 'The day has come on which you meant to look at a care plan again. Sign in to see which.',
    },
    'webhook-disabled.administrator': {
      title: 'A webhook was turned off',
      text: '{host} {reason, select, gone {says that it wants no more webhooks} other {has taken no webhook for five days}}, so it gets none any more. Turn it on again when it works, and replay what was given up.',
    },
    'erasure-requested.person': {
      title: 'Erasure was asked for',
      text: 'What is known of you here is going to be erased. If you did not want this, sign in and call it off.',
    },
    'erasure-claimed.person': {
      title: 'Erasure of your record was asked for',
      text: 'On {created}, before you took over your record here, an administrator asked for it to be erased. That will be done on {due}. If you do not want this, sign in and call it off; if you do, you can confirm it.',
    },
    'export-ready.person': {
      title: 'Your copy is ready',
      text: 'What you asked for can be fetched for some days. Sign in to do so.',
    },
    'password-changed.person': {
      title: 'Your password was changed',
      text: 'Wherever else you were signed in, you are signed out. If it was not you, sign in by a code or a passkey, choose another password, and look at your passkeys and sessions.',
    },
    'texts-stopped.person': {
      title: 'Texts to your phone were ended',
      text: 'Somebody wrote {stopWord} from the phone that your account names, so no texts about care go there any more, for anybody who shares it. {startWord}, written from that phone, brings them back. Everything is still here.',
    },
    'texts-started.person': {
      title: 'Texts to your phone begin again',
      text: 'Somebody wrote {startWord} from the phone that your account names, so texts about care go there again.',
    },
  },
  phrases: {
    when: '{time} ({zone})',
    'when-both': '{time} ({zone}; for you {own}, {ownZone})',
    where: '{how, select, video {, by video} phone {, by phone} place {, at {place}} other {}}',
    visit: '- with {practitioner} on {when}{where}',
    'code.title': 'Your code',
    'code.text':
      '{code} is your code for {site}. It works for {minutes, plural, one {# minute} other {# minutes}}. Give it to nobody: we never ask for it. If you did not want one, you need not do anything.',
    'code.spoken': 'Your code is: {digits}. Again: {digits}. Give it to nobody.',
    'link.confirm': 'To say that it stands:\n{url}',
    'link.move': 'To choose another time:\n{url}',
    'link.cancel': 'To cancel:\n{url}',
    'link.choose': '{when}: to confirm, move or cancel\n{url}',
    'link.accept': 'Yes, take it:\n{url}',
    'link.decline': 'No, leave it to others:\n{url}',
    'digest.title': '{count, plural, one {# message} other {# messages}} of today',
    'footer.mail':
      'See everything that concerns you at\n{url}\nNobody reads answers to this address. If this message is not for you, please delete it.',
    'footer.text': '{stopWord} ends these texts.\n{url}',
    'answer.stop': 'No more texts about care come to this phone. {startWord} brings them back.\n{url}',
    'answer.start': 'Texts about care come to this phone again. {stopWord} ends them.\n{url}',
    'answer.help':
      'Texts about appointments. {stopWord} ends them, {startWord} brings them back. In an emergency call your clinic or the emergency number.\n{url}',
    'word.stop': 'STOP',
    'word.start': 'START',
    'calendar.patient': 'Appointment with {practitioner}',
    'calendar.caregiver': 'Appointment with {practitioner} (for somebody you care for)',
    'calendar.practitioner': 'Appointment (sign in to see with whom)',
  },
}
