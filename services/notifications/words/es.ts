import type { Words } from './words.ts'

export const es: Words = {
  messages: {
    'appointment-booked.patient': {
      title: 'Cita reservada',
      text: 'Su cita con {practitioner} es el {when}{where}.',
      short: 'Tiene una cita el {when}.',
    },
    'appointment-booked.caregiver': {
      title: 'Cita reservada',
      text: 'La cita de {patient} con {practitioner} es el {when}{where}.',
      short: 'Una persona a su cuidado tiene una cita el {when}.',
    },
    'appointment-booked.practitioner': {
      title: 'Nueva cita',
      text: '{patient} tiene una cita con usted el {when}{where}.',
      mail: 'Se ha reservado una cita con usted para el {when}{where}. Inicie sesión para ver con quién.',
      short: 'Se ha reservado una cita con usted para el {when}.',
    },
    'appointment-rescheduled.patient': {
      title: 'Cita cambiada',
      text: 'Su cita con {practitioner} se ha cambiado. Ahora es el {when}{where}.',
      short: 'Su cita se ha cambiado. Ahora es el {when}.',
    },
    'appointment-rescheduled.caregiver': {
      title: 'Cita cambiada',
      text: 'La cita de {patient} con {practitioner} se ha cambiado. Ahora es el {when}{where}.',
      short: 'La cita de una persona a su cuidado se ha cambiado. Ahora es el {when}.',
    },
    'appointment-rescheduled.practitioner': {
      title: 'Cita cambiada',
      text: 'La cita de {patient} con usted se ha cambiado. Ahora es el {when}{where}.',
      mail: 'Una cita con usted se ha cambiado. Ahora es el {when}{where}. Inicie sesión para ver con quién.',
      short: 'Una cita con usted se ha cambiado. Ahora es el {when}.',
    },
    'appointment-cancelled.patient': {
      title: 'Cita cancelada',
      text: 'Su cita con {practitioner} del {when} se ha cancelado.',
      short: 'Su cita del {when} se ha cancelado.',
    },
    'appointment-cancelled.caregiver': {
      title: 'Cita cancelada',
      text: 'La cita de {patient} con {practitioner} del {when} se ha cancelado.',
      short: 'La cita de una persona a su cuidado, el {when}, se ha cancelado.',
    },
    'appointment-cancelled.practitioner': {
      title: 'Cita cancelada',
      text: 'La cita de {patient} con usted del {when} se ha cancelado.',
      mail: 'Una cita con usted, el {when}, se ha cancelado. Inicie sesión para ver con quién.',
      short: 'Una cita con usted, el {when}, se ha cancelado.',
    },
    'appointment-reminder.patient': {
      title: 'Su cita se acerca',
      text: 'Su cita con {practitioner} es el {when}{where}. Si no puede acudir, cancélela, por favor, para que otra persona pueda aprovechar la hora.',
      short: 'Su cita es el {when}. Si no puede acudir, cancélela, por favor.',
    },
    'appointment-reminder.caregiver': {
      title: 'Se acerca una cita',
      text: 'La cita de {patient} con {practitioner} es el {when}{where}. Si no es posible acudir, cancélela, por favor, para que otra persona pueda aprovechar la hora.',
      short: 'Una persona a su cuidado tiene una cita el {when}. Si no es posible acudir, cancélela, por favor.',
    },
    'appointments-reminder.patient': {
      title: 'Sus citas se acercan',
      text: 'Tiene {count, plural, one {# cita} other {# citas}}:\n{list}\nSi no puede acudir, cancele, por favor, para que otra persona pueda aprovechar la hora.',
      short: 'Tiene {count, plural, one {# cita} other {# citas}}, la primera el {when}.',
    },
    'appointments-reminder.caregiver': {
      title: 'Se acercan unas citas',
      text: '{patient} tiene {count, plural, one {# cita} other {# citas}}:\n{list}\nSi no es posible acudir, cancele, por favor, para que otra persona pueda aprovechar la hora.',
      short: 'Una persona a su cuidado tiene {count, plural, one {# cita} other {# citas}}, la primera el {when}.',
    },
    'appointments-booked.patient': {
      title: 'Citas reservadas',
      text: 'Tiene {count, plural, one {# cita} other {# citas}} con {practitioner}:\n{times}',
      short: 'Tiene {count, plural, one {# cita} other {# citas}}, la primera el {when}.',
    },
    'appointments-booked.caregiver': {
      title: 'Citas reservadas',
      text: '{patient} tiene {count, plural, one {# cita} other {# citas}} con {practitioner}:\n{times}',
      short: 'Una persona a su cuidado tiene {count, plural, one {# cita} other {# citas}}, la primera el {when}.',
    },
    'appointments-booked.practitioner': {
      title: 'Nuevas citas',
      text: '{patient} tiene {count, plural, one {# cita} other {# citas}} con usted:\n{times}',
      mail: 'Reservadas con usted: {count, plural, one {# cita} other {# citas}}.\n{times}\nInicie sesión para ver con quién.',
      short: 'Reservadas con usted: {count, plural, one {# cita} other {# citas}}, la primera el {when}.',
    },
    'appointments-rescheduled.patient': {
      title: 'Citas cambiadas',
      text: 'Cambiadas con {practitioner}: {count, plural, one {# cita} other {# citas}}. Ahora son:\n{times}',
      short: 'Cambiadas: {count, plural, one {# cita} other {# citas}}. La primera es ahora el {when}.',
    },
    'appointments-rescheduled.caregiver': {
      title: 'Citas cambiadas',
      text: 'Cambiadas para {patient} con {practitioner}: {count, plural, one {# cita} other {# citas}}. Ahora son:\n{times}',
      short:
        'Cambiadas para una persona a su cuidado: {count, plural, one {# cita} other {# citas}}. La primera es ahora el {when}.',
    },
    'appointments-rescheduled.practitioner': {
      title: 'Citas cambiadas',
      text: 'Cambiadas para {patient} con usted: {count, plural, one {# cita} other {# citas}}. Ahora son:\n{times}',
      mail: 'Cambiadas con usted: {count, plural, one {# cita} other {# citas}}. Ahora son:\n{times}\nInicie sesión para ver con quién.',
      short: 'Cambiadas con usted: {count, plural, one {# cita} other {# citas}}. La primera es ahora el {when}.',
    },
    'appointments-cancelled.patient': {
      title: 'Citas canceladas',
      text: 'Canceladas con {practitioner}: {count, plural, one {# cita} other {# citas}}.\n{times}',
      short: 'Canceladas: {count, plural, one {# cita} other {# citas}}, la primera la del {when}.',
    },
    'appointments-cancelled.caregiver': {
      title: 'Citas canceladas',
      text: 'Canceladas para {patient} con {practitioner}: {count, plural, one {# cita} other {# citas}}.\n{times}',
      short:
        'Canceladas para una persona a su cuidado: {count, plural, one {# cita} other {# citas}}, la primera la del {when}.',
    },
    'appointments-cancelled.practitioner': {
      title: 'Citas canceladas',
      text: 'Canceladas para {patient} con usted: {count, plural, one {# cita} other {# citas}}.\n{times}',
      mail: 'Canceladas con usted: {count, plural, one {# cita} other {# citas}}.\n{times}\nInicie sesión para ver con quién.',
      short: 'Canceladas con usted: {count, plural, one {# cita} other {# citas}}, la primera la del {when}.',
    },
    'waitlist-offer.patient': {
      title: 'Ha quedado libre una hora',
      text: 'Puede tener una cita con {practitioner} el {when}{where}. Nadie más puede tomarla hasta este momento: {until}. Responda sí o no antes, por favor.',
    },
    'waitlist-offer.caregiver': {
      title: 'Ha quedado libre una hora',
      text: '{patient} puede tener una cita con {practitioner} el {when}{where}. Nadie más puede tomarla hasta este momento: {until}. Responda sí o no antes, por favor.',
    },
    'mandate-granted.patient': {
      title: 'Ha ofrecido una autorización',
      text: '{caregiver} podrá actuar por usted en cuanto acepte. Puede retirar la autorización en cualquier momento.',
    },
    'mandate-granted.caregiver': {
      title: 'Le piden que actúe por alguien',
      text: '{patient} le pide que actúe en su nombre. Mire en la autorización qué permite, y desde cuándo hasta cuándo; después acéptela o rechácela.',
    },
    'mandate-accepted.patient': {
      title: 'Su autorización fue aceptada',
      text: '{caregiver} ya puede actuar por usted. Puede retirar la autorización en cualquier momento.',
    },
    'mandate-accepted.caregiver': {
      title: 'Tiene una autorización',
      text: 'Ya puede actuar por {patient}.',
    },
    'mandate-ending.patient': {
      title: 'Una autorización termina pronto',
      text: '{caregiver} puede actuar por usted unas semanas más. Si sigue siendo lo correcto, dele una nueva autorización.',
    },
    'mandate-ending.caregiver': {
      title: 'Una autorización termina pronto',
      text: 'Puede actuar por {patient} unas semanas más. Si sigue siendo lo correcto, puede recibir una nueva autorización; quien cumple la mayoría de edad lo decide por sí solo.',
    },
    'mandate-revoked.patient': {
      title: 'Una autorización ha terminado',
      text: '{caregiver} ya no puede actuar por usted.',
    },
    'mandate-revoked.caregiver': {
      title: 'Una autorización ha terminado',
      text: 'Ya no puede actuar por {patient}.',
    },
    'record-opened.patient': {
      title: 'Su historial se abrió en una emergencia',
      text: '{practitioner} abrió su historial en una emergencia, por cuatro horas. La administración lo revisará; si cree que no fue correcto, dígaselo.',
      mail: 'Su historial se abrió en una emergencia, por cuatro horas. Inicie sesión para ver quién lo abrió. La administración lo revisará.',
    },
    'record-opened.caregiver': {
      title: 'Un historial se abrió en una emergencia',
      text: '{practitioner} abrió el historial de {patient} en una emergencia, por cuatro horas. La administración lo revisará.',
      mail: 'El historial de una persona a su cuidado se abrió en una emergencia, por cuatro horas. Inicie sesión para ver cuál. La administración lo revisará.',
    },
    'record-merged.patient': {
      title: 'Su historial se unió con otro',
      text: 'La administración encontró que dos historiales son de una misma persona, usted, y los unió. Si cree que es un error, dígalo a la administración: se puede deshacer.',
    },
    'record-merged.caregiver': {
      title: 'Un historial se unió con otro',
      text: 'La administración encontró que dos historiales son de una misma persona, a su cuidado, y los unió. Si cree que es un error, dígalo a la administración: se puede deshacer.',
    },
    'record-unmerged.patient': {
      title: 'Su historial se separó de otro',
      text: 'Dos historiales se habían unido, y la administración los ha separado. Revise el suyo; si algo no es suyo, o falta, dígalo a la administración.',
    },
    'record-unmerged.caregiver': {
      title: 'Un historial se separó de otro',
      text: 'Dos historiales, uno de ellos de una persona a su cuidado, se habían unido, y la administración los ha separado. Si falta algo, dígalo a la administración.',
    },
    'licence-verified.practitioner': {
      title: 'Licencia verificada',
      text: 'Su licencia fue verificada. Ya puede ofrecer citas.',
    },
    'licence-rejected.practitioner': {
      title: 'Licencia no aceptada',
      text: 'Su licencia no se pudo verificar. Mírela para saber por qué, y envíela de nuevo.',
    },
    'licence-revoked.practitioner': {
      title: 'Licencia retirada',
      text: 'Su licencia ya no se acepta, así que no puede ejercer aquí con ella. Mírela para saber por qué, y consulte a la administración si cree que es un error.',
    },
    'licence-ending.practitioner': {
      title: 'Su licencia termina pronto',
      text: 'Su licencia termina en {days, plural, one {# día} other {# días}} como máximo. Añada la nueva con su certificado; sin ella, después no se le ofrecerá a nadie.',
    },
    'message.patient': {
      title: 'Un mensaje para usted',
      text: '{written}',
      mail: 'Alguien que le atiende le ha escrito. Inicie sesión para leerlo.',
      short: 'Hay un mensaje para usted.',
    },
    'message.caregiver': {
      title: 'Un mensaje sobre alguien a quien cuida',
      text: '{written}',
      mail: 'Alguien que atiende a una persona a quien usted cuida ha escrito. Inicie sesión para leerlo.',
      short: 'Hay un mensaje sobre alguien a quien cuida.',
    },
    'announcement.person': {
      title: 'Un anuncio',
      text: '{written}',
      mail: 'Hay un anuncio. Inicie sesión para leerlo.',
      short: 'Hay un anuncio.',
    },
    'thread-message.patient': {
      title: 'Un mensaje sobre su visita',
      text: 'Alguien ha escrito sobre su visita. Inicie sesión para leerlo.',
      short: 'Hay un mensaje sobre su visita.',
    },
    'thread-message.caregiver': {
      title: 'Un mensaje sobre alguien a quien cuida',
      text: 'Alguien ha escrito sobre una visita de una persona a quien usted cuida. Inicie sesión para leerlo.',
      short: 'Hay un mensaje sobre alguien a quien cuida.',
    },
    'thread-message.practitioner': {
      title: 'Un mensaje de un paciente',
      text: 'Un paciente le ha escrito sobre una visita. Inicie sesión para leerlo.',
      short: 'Hay un mensaje de un paciente.',
    },
    'care-task.patient': {
      title: 'Es la hora de algo de su plan de cuidados',
      text: 'Es la hora de algo de su plan de cuidados. Inicie sesión para ver qué es y para indicar que está hecho.',
      short: 'Es la hora de algo de su plan de cuidados.',
    },
    'care-task.caregiver': {
      title: 'Es la hora de algo que hace por alguien a quien cuida',
      text: 'Es la hora de algo que usted hace por una persona a quien cuida. Inicie sesión para ver qué es y para indicar que está hecho.',
      short: 'Es la hora de algo que hace por alguien a quien cuida.',
    },
    'care-task.practitioner': {
      title: 'Es la hora de algo del plan de cuidados de un paciente',
      text: 'Es la hora de algo que usted hace según el plan de cuidados de un paciente. Inicie sesión para ver qué es y para indicar que está hecho.',
      short: 'Es la hora de algo del plan de cuidados de un paciente.',
    },
    'care-plan-review.practitioner': {
      title: 'Hay un plan de cuidados por revisar',
      text: 'Ha llegado el día en que quería revisar un plan de cuidados. Inicie sesión para ver cuál.',
    },
    'webhook-disabled.administrator': {
      title: 'Se ha desactivado un webhook',
      text: '{host} {reason, select, gone {dice que no quiere más webhooks} other {no ha aceptado ningún webhook durante cinco días}}, así que ya no recibe ninguno. Actívelo de nuevo cuando funcione y reenvíe lo que se abandonó.',
    },
    'erasure-requested.person': {
      title: 'Se pidió el borrado',
      text: 'Lo que aquí se sabe de usted se va a borrar. Si no lo quería, inicie sesión y anúlelo.',
    },
    'erasure-claimed.person': {
      title: 'Se pidió el borrado de su historial',
      text: 'El {created}, antes de que usted se hiciera cargo de su historial aquí, la administración pidió que se borrara. Se hará el {due}. Si no lo quiere, inicie sesión y anúlelo; si lo quiere, puede confirmarlo.',
    },
    'export-ready.person': {
      title: 'Su copia está lista',
      text: 'Lo que pidió se puede recoger durante algunos días. Inicie sesión para hacerlo.',
    },
    'password-changed.person': {
      title: 'Su contraseña se ha cambiado',
      text: 'En los demás lugares se ha cerrado su sesión. Si no fue usted, entre con un código o una llave de acceso, elija otra contraseña, y revise sus llaves de acceso y sus sesiones.',
    },
    'texts-stopped.person': {
      title: 'Los SMS a su teléfono han terminado',
      text: 'Alguien escribió {stopWord} desde el teléfono que figura en su cuenta, así que ya no llegan allí SMS sobre la atención, para nadie que lo comparta. {startWord}, escrito desde ese teléfono, los devuelve. Aquí sigue todo.',
    },
    'texts-started.person': {
      title: 'Los SMS a su teléfono vuelven',
      text: 'Alguien escribió {startWord} desde el teléfono que figura en su cuenta, así que los SMS sobre la atención vuelven a llegar allí.',
    },
  },
  phrases: {
    when: '{time} ({zone})',
    'when-both': '{time} ({zone}; para usted {own}, {ownZone})',
    where: '{how, select, video {, por vídeo} phone {, por teléfono} place {, en {place}} other {}}',
    visit: '- con {practitioner} el {when}{where}',
    'code.title': 'Su código',
    'code.text':
      '{code} es su código para {site}. Vale {minutes, plural, one {# minuto} other {# minutos}}. No se lo dé a nadie: nunca lo pedimos. Si no lo quería, no tiene que hacer nada.',
    'code.spoken': 'Su código es: {digits}. Otra vez: {digits}. No se lo dé a nadie.',
    'link.confirm': 'Para confirmar que acudirá:\n{url}',
    'link.move': 'Para elegir otra hora:\n{url}',
    'link.cancel': 'Para cancelar:\n{url}',
    'link.choose': '{when}: para confirmar, cambiar o cancelar\n{url}',
    'link.accept': 'Sí, tomo esta hora:\n{url}',
    'link.decline': 'No, la dejo para otras personas:\n{url}',
    'digest.title': '{count, plural, one {# mensaje} other {# mensajes}} de hoy',
    'footer.mail':
      'Todo lo que le concierne está aquí:\n{url}\nNadie lee las respuestas a esta dirección. Si este mensaje no es para usted, bórrelo, por favor.',
    'footer.text': '{stopWord} termina estos SMS.\n{url}',
    'answer.stop': 'Ya no llegarán SMS sobre la atención a este teléfono. {startWord} los devuelve.\n{url}',
    'answer.start': 'Los SMS sobre la atención vuelven a llegar a este teléfono. {stopWord} los termina.\n{url}',
    'answer.help':
      'SMS sobre citas. {stopWord} los termina, {startWord} los devuelve. En una emergencia llame a su clínica o al número de emergencias.\n{url}',
    'word.stop': 'STOP',
    'word.start': 'START',
    'calendar.patient': 'Cita con {practitioner}',
    'calendar.caregiver': 'Cita con {practitioner} (de una persona a su cuidado)',
    'calendar.practitioner': 'Cita (inicie sesión para ver con quién)',
  },
}
