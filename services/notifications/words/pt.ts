import type { Words } from './words.ts'

export const pt: Words = {
  messages: {
    'appointment-booked.patient': {
      title: 'Consulta marcada',
      text: 'A sua consulta com {practitioner} está marcada para {when}{where}.',
      short: 'Tem uma consulta marcada para {when}.',
    },
    'appointment-booked.caregiver': {
      title: 'Consulta marcada',
      text: 'A consulta de {patient} com {practitioner} está marcada para {when}{where}.',
      short: 'Uma pessoa de quem cuida tem uma consulta marcada para {when}.',
    },
    'appointment-booked.practitioner': {
      title: 'Nova consulta',
      text: '{patient} tem uma consulta consigo: {when}{where}.',
      mail: 'Foi marcada uma consulta consigo para {when}{where}. Inicie sessão para ver com quem.',
      short: 'Foi marcada uma consulta consigo para {when}.',
    },
    'appointment-rescheduled.patient': {
      title: 'Consulta alterada',
      text: 'A sua consulta com {practitioner} foi alterada. Está agora marcada para {when}{where}.',
      short: 'A sua consulta foi alterada. Está agora marcada para {when}.',
    },
    'appointment-rescheduled.caregiver': {
      title: 'Consulta alterada',
      text: 'A consulta de {patient} com {practitioner} foi alterada. Está agora marcada para {when}{where}.',
      short: 'A consulta de uma pessoa de quem cuida foi alterada. Está agora marcada para {when}.',
    },
    'appointment-rescheduled.practitioner': {
      title: 'Consulta alterada',
      text: 'A consulta de {patient} consigo foi alterada. Está agora marcada para {when}{where}.',
      mail: 'Uma consulta consigo foi alterada. Está agora marcada para {when}{where}. Inicie sessão para ver com quem.',
      short: 'Uma consulta consigo foi alterada. Está agora marcada para {when}.',
    },
    'appointment-cancelled.patient': {
      title: 'Consulta cancelada',
      text: 'A sua consulta com {practitioner}, marcada para {when}, foi cancelada.',
      short: 'A sua consulta, marcada para {when}, foi cancelada.',
    },
    'appointment-cancelled.caregiver': {
      title: 'Consulta cancelada',
      text: 'A consulta de {patient} com {practitioner}, marcada para {when}, foi cancelada.',
      short: 'A consulta de uma pessoa de quem cuida, marcada para {when}, foi cancelada.',
    },
    'appointment-cancelled.practitioner': {
      title: 'Consulta cancelada',
      text: 'A consulta de {patient} consigo, marcada para {when}, foi cancelada.',
      mail: 'Uma consulta consigo, marcada para {when}, foi cancelada. Inicie sessão para ver com quem.',
      short: 'Uma consulta consigo, marcada para {when}, foi cancelada.',
    },
    'appointment-reminder.patient': {
      title: 'A sua consulta está próxima',
      text: 'A sua consulta com {practitioner} está marcada para {when}{where}. Se não puder vir, cancele-a, por favor, para que outra pessoa possa ficar com a hora.',
      short: 'A sua consulta está marcada para {when}. Se não puder vir, cancele-a, por favor.',
    },
    'appointment-reminder.caregiver': {
      title: 'Uma consulta está próxima',
      text: 'A consulta de {patient} com {practitioner} está marcada para {when}{where}. Se não for possível vir, cancele-a, por favor, para que outra pessoa possa ficar com a hora.',
      short: 'Uma pessoa de quem cuida tem consulta: {when}. Se não puder ser, cancele-a, por favor.',
    },
    'appointments-reminder.patient': {
      title: 'As suas consultas estão próximas',
      text: 'Tem {count, plural, one {# consulta} other {# consultas}}:\n{list}\nSe não puder vir, cancele, por favor, para que outra pessoa possa ficar com a hora.',
      short: 'Tem {count, plural, one {# consulta} other {# consultas}}, a primeira: {when}.',
    },
    'appointments-reminder.caregiver': {
      title: 'Há consultas próximas',
      text: '{patient} tem {count, plural, one {# consulta} other {# consultas}}:\n{list}\nSe não for possível vir, cancele, por favor, para que outra pessoa possa ficar com a hora.',
      short: 'Uma pessoa de quem cuida tem {count, plural, one {# consulta} other {# consultas}}, a primeira: {when}.',
    },
    'appointments-booked.patient': {
      title: 'Consultas marcadas',
      text: 'Tem {count, plural, one {# consulta} other {# consultas}} com {practitioner}:\n{times}',
      short: 'Tem {count, plural, one {# consulta} other {# consultas}}, a primeira: {when}.',
    },
    'appointments-booked.caregiver': {
      title: 'Consultas marcadas',
      text: '{patient} tem {count, plural, one {# consulta} other {# consultas}} com {practitioner}:\n{times}',
      short: 'Uma pessoa de quem cuida tem {count, plural, one {# consulta} other {# consultas}}, a primeira: {when}.',
    },
    'appointments-booked.practitioner': {
      title: 'Novas consultas',
      text: '{patient} tem {count, plural, one {# consulta} other {# consultas}} consigo:\n{times}',
      mail: 'Marcadas consigo: {count, plural, one {# consulta} other {# consultas}}.\n{times}\nEntre na sua conta para ver com quem.',
      short: 'Marcadas consigo: {count, plural, one {# consulta} other {# consultas}}, a primeira: {when}.',
    },
    'appointments-rescheduled.patient': {
      title: 'Consultas alteradas',
      text: 'Alteradas com {practitioner}: {count, plural, one {# consulta} other {# consultas}}. Agora são:\n{times}',
      short: 'Alteradas: {count, plural, one {# consulta} other {# consultas}}. A primeira é agora: {when}.',
    },
    'appointments-rescheduled.caregiver': {
      title: 'Consultas alteradas',
      text: 'Alteradas para {patient} com {practitioner}: {count, plural, one {# consulta} other {# consultas}}. Agora são:\n{times}',
      short:
        'Alteradas para uma pessoa de quem cuida: {count, plural, one {# consulta} other {# consultas}}. A primeira é agora: {when}.',
    },
    'appointments-rescheduled.practitioner': {
      title: 'Consultas alteradas',
      text: 'Alteradas para {patient} consigo: {count, plural, one {# consulta} other {# consultas}}. Agora são:\n{times}',
      mail: 'Alteradas consigo: {count, plural, one {# consulta} other {# consultas}}. Agora são:\n{times}\nEntre na sua conta para ver com quem.',
      short: 'Alteradas consigo: {count, plural, one {# consulta} other {# consultas}}. A primeira é agora: {when}.',
    },
    'appointments-cancelled.patient': {
      title: 'Consultas canceladas',
      text: 'Canceladas com {practitioner}: {count, plural, one {# consulta} other {# consultas}}.\n{times}',
      short: 'Canceladas: {count, plural, one {# consulta} other {# consultas}}, a primeira: {when}.',
    },
    'appointments-cancelled.caregiver': {
      title: 'Consultas canceladas',
      text: 'Canceladas para {patient} com {practitioner}: {count, plural, one {# consulta} other {# consultas}}.\n{times}',
      short:
        'Canceladas para uma pessoa de quem cuida: {count, plural, one {# consulta} other {# consultas}}, a primeira: {when}.',
    },
    'appointments-cancelled.practitioner': {
      title: 'Consultas canceladas',
      text: 'Canceladas para {patient} consigo: {count, plural, one {# consulta} other {# consultas}}.\n{times}',
      mail: 'Canceladas consigo: {count, plural, one {# consulta} other {# consultas}}.\n{times}\nEntre na sua conta para ver com quem.',
      short: 'Canceladas consigo: {count, plural, one {# consulta} other {# consultas}}, a primeira: {when}.',
    },
    'waitlist-offer.patient': {
      title: 'Ficou livre uma hora',
      text: 'Pode ter uma consulta com {practitioner}: {when}{where}. Ninguém mais pode ficar com ela até este momento: {until}. Responda sim ou não antes disso, por favor.',
    },
    'waitlist-offer.caregiver': {
      title: 'Ficou livre uma hora',
      text: '{patient} pode ter uma consulta com {practitioner}: {when}{where}. Ninguém mais pode ficar com ela até este momento: {until}. Responda sim ou não antes disso, por favor.',
    },
    'mandate-granted.patient': {
      title: 'Ofereceu uma autorização',
      text: '{caregiver} poderá agir por si assim que aceitar. Pode retirar a autorização a qualquer momento.',
    },
    'mandate-granted.caregiver': {
      title: 'Pedem-lhe que aja por alguém',
      text: '{patient} pede-lhe que aja em seu nome. Veja na autorização o que ela permite, e de quando a quando; depois aceite-a ou recuse-a.',
    },
    'mandate-accepted.patient': {
      title: 'A sua autorização foi aceite',
      text: '{caregiver} já pode agir por si. Pode retirar a autorização a qualquer momento.',
    },
    'mandate-accepted.caregiver': {
      title: 'Tem uma autorização',
      text: 'Já pode agir por {patient}.',
    },
    'mandate-ending.patient': {
      title: 'Uma autorização termina em breve',
      text: '{caregiver} pode agir por si por mais algumas semanas. Se ainda estiver certo, dê-lhe uma nova autorização.',
    },
    'mandate-ending.caregiver': {
      title: 'Uma autorização termina em breve',
      text: 'Pode agir por {patient} por mais algumas semanas. Se ainda estiver certo, pode receber uma nova autorização; quem atinge a maioridade decide isso por si só.',
    },
    'mandate-revoked.patient': {
      title: 'Uma autorização terminou',
      text: '{caregiver} já não pode agir por si.',
    },
    'mandate-revoked.caregiver': {
      title: 'Uma autorização terminou',
      text: 'Já não pode agir por {patient}.',
    },
    'record-opened.patient': {
      title: 'O seu processo foi aberto numa emergência',
      text: '{practitioner} abriu o seu processo numa emergência, por quatro horas. A administração vai verificar; se achar que não foi correto, diga-lho.',
      mail: 'O seu processo foi aberto numa emergência, por quatro horas. Inicie sessão para ver por quem. A administração vai verificar.',
    },
    'record-opened.caregiver': {
      title: 'Um processo foi aberto numa emergência',
      text: '{practitioner} abriu o processo de {patient} numa emergência, por quatro horas. A administração vai verificar.',
      mail: 'O processo de uma pessoa de quem cuida foi aberto numa emergência, por quatro horas. Inicie sessão para ver qual. A administração vai verificar.',
    },
    'record-merged.patient': {
      title: 'O seu processo foi unido a outro',
      text: 'A administração verificou que dois processos são da mesma pessoa, de si, e uniu-os. Se achar que é um erro, diga-o à administração: pode ser desfeito.',
    },
    'record-merged.caregiver': {
      title: 'Um processo foi unido a outro',
      text: 'A administração verificou que dois processos são da mesma pessoa, de quem cuida, e uniu-os. Se achar que é um erro, diga-o à administração: pode ser desfeito.',
    },
    'record-unmerged.patient': {
      title: 'O seu processo foi separado de outro',
      text: 'Dois processos tinham sido unidos, e a administração separou-os de novo. Reveja o seu; se algo não for seu, ou faltar, diga-o à administração.',
    },
    'record-unmerged.caregiver': {
      title: 'Um processo foi separado de outro',
      text: 'Dois processos, um deles de uma pessoa de quem cuida, tinham sido unidos, e a administração separou-os de novo. Se faltar algo, diga-o à administração.',
    },
    'licence-verified.practitioner': {
      title: 'Licença verificada',
      text: 'A sua licença foi verificada. Já pode oferecer consultas.',
    },
    'licence-rejected.practitioner': {
      title: 'Licença não aceite',
      text: 'Não foi possível verificar a sua licença. Veja nela porquê, e envie-a de novo.',
    },
    'licence-revoked.practitioner': {
      title: 'Licença retirada',
      text: 'A sua licença deixou de ser aceite, por isso não pode exercer aqui com ela. Veja nela porquê, e pergunte à administração se achar que é um erro.',
    },
    'licence-ending.practitioner': {
      title: 'A sua licença termina em breve',
      text: 'A sua licença termina dentro de {days, plural, one {# dia} other {# dias}}. Acrescente a nova com o certificado; sem ela, depois não será oferecida a ninguém.',
    },
    'message.patient': {
      title: 'Uma mensagem para si',
      text: '{written}',
      mail: 'Alguém que o trata escreveu-lhe. Inicie sessão para ler.',
      short: 'Há uma mensagem para si.',
    },
    'message.caregiver': {
      title: 'Uma mensagem sobre alguém de quem cuida',
      text: '{written}',
      mail: 'Alguém que trata uma pessoa de quem cuida escreveu. Inicie sessão para ler.',
      short: 'Há uma mensagem sobre alguém de quem cuida.',
    },
    'announcement.person': {
      title: 'Um anúncio',
      text: '{written}',
      mail: 'Há um anúncio. Inicie sessão para ler.',
      short: 'Há um anúncio.',
    },
    'thread-message.patient': {
      title: 'Uma mensagem sobre a sua consulta',
      text: 'Alguém escreveu sobre a sua consulta. Inicie sessão para ler.',
      short: 'Há uma mensagem sobre a sua consulta.',
    },
    'thread-message.caregiver': {
      title: 'Uma mensagem sobre alguém de quem cuida',
      text: 'Alguém escreveu sobre uma consulta de uma pessoa de quem cuida. Inicie sessão para ler.',
      short: 'Há uma mensagem sobre alguém de quem cuida.',
    },
    'thread-message.practitioner': {
      title: 'Uma mensagem de um paciente',
      text: 'Um paciente escreveu-lhe sobre uma consulta. Inicie sessão para ler.',
      short: 'Há uma mensagem de um paciente.',
    },
    'care-task.patient': {
      title: 'Está na hora de algo do seu plano de cuidados',
      text: 'Está na hora de algo do seu plano de cuidados. Inicie sessão para ver o que é e para indicar que está feito.',
      short: 'Está na hora de algo do seu plano de cuidados.',
    },
    'care-task.caregiver': {
      title: 'Está na hora de algo que faz por alguém de quem cuida',
      text: 'Está na hora de algo que faz por uma pessoa de quem cuida. Inicie sessão para ver o que é e para indicar que está feito.',
      short: 'Está na hora de algo que faz por alguém de quem cuida.',
    },
    'care-task.practitioner': {
      title: 'Está na hora de algo do plano de cuidados de um paciente',
      text: 'Está na hora de algo que faz no plano de cuidados de um paciente. Inicie sessão para ver o que é e para indicar que está feito.',
      short: 'Está na hora de algo do plano de cuidados de um paciente.',
    },
    'care-plan-review.practitioner': {
      title: 'Um plano de cuidados está por rever',
      text: 'Chegou o dia em que queria rever um plano de cuidados. Inicie sessão para ver qual.',
    },
    'webhook-disabled.administrator': {
      title: 'Um webhook foi desligado',
      text: '{host} {reason, select, gone {diz que não quer mais webhooks} other {não aceitou nenhum webhook durante cinco dias}}, por isso já não recebe nenhum. Volte a ligá-lo quando funcionar e reenvie o que foi abandonado.',
    },
    'erasure-requested.person': {
      title: 'Foi pedido um apagamento',
      text: 'O que aqui se sabe de si vai ser apagado. Se não o quis, inicie sessão e anule o pedido.',
    },
    'erasure-claimed.person': {
      title: 'Foi pedido o apagamento do seu processo',
      text: 'Em {created}, antes de assumir aqui o seu processo, a administração pediu que fosse apagado. Isso será feito em {due}. Se não o quiser, inicie sessão e anule o pedido; se o quiser, pode confirmá-lo.',
    },
    'export-ready.person': {
      title: 'A sua cópia está pronta',
      text: 'O que pediu pode ser levantado durante alguns dias. Inicie sessão para o fazer.',
    },
    'password-changed.person': {
      title: 'A sua palavra-passe foi alterada',
      text: 'Em todos os outros lugares a sua sessão foi terminada. Se não foi por si, entre com um código ou uma chave de acesso, escolha outra palavra-passe, e verifique as suas chaves de acesso e sessões.',
    },
    'texts-stopped.person': {
      title: 'Os SMS para o seu telefone terminaram',
      text: 'Alguém escreveu {stopWord} no telefone indicado na sua conta, por isso já não vão para lá SMS sobre cuidados, para ninguém que o partilhe. {startWord}, escrito nesse telefone, traz as mensagens de volta. Aqui continua tudo.',
    },
    'texts-started.person': {
      title: 'Os SMS para o seu telefone recomeçam',
      text: 'Alguém escreveu {startWord} no telefone indicado na sua conta, por isso os SMS sobre cuidados voltam a ir para lá.',
    },
  },
  phrases: {
    when: '{time} ({zone})',
    'when-both': '{time} ({zone}; para si {own}, {ownZone})',
    where: '{how, select, video {, por vídeo} phone {, por telefone} place {, em {place}} other {}}',
    visit: '- com {practitioner}: {when}{where}',
    'code.title': 'O seu código',
    'code.text':
      '{code} é o seu código para {site}. Vale {minutes, plural, one {# minuto} other {# minutos}}. Não o dê a ninguém: nunca o pedimos. Se não o quis, não precisa de fazer nada.',
    'code.spoken': 'O seu código é: {digits}. Outra vez: {digits}. Não o dê a ninguém.',
    'link.confirm': 'Para confirmar que vem:\n{url}',
    'link.move': 'Para escolher outra hora:\n{url}',
    'link.cancel': 'Para cancelar:\n{url}',
    'link.choose': '{when}: para confirmar, alterar ou cancelar\n{url}',
    'link.accept': 'Sim, fico com esta hora:\n{url}',
    'link.decline': 'Não, deixo-a para outras pessoas:\n{url}',
    'digest.title': '{count, plural, one {# mensagem} other {# mensagens}} de hoje',
    'footer.mail':
      'Tudo o que lhe diz respeito está aqui:\n{url}\nNinguém lê as respostas a este endereço. Se esta mensagem não é para si, apague-a, por favor.',
    'footer.text': '{stopWord} termina estes SMS.\n{url}',
    'answer.stop':
      'Não virão mais SMS sobre cuidados para este telefone. {startWord} traz as mensagens de volta.\n{url}',
    'answer.start': 'Os SMS sobre cuidados voltam a vir para este telefone. {stopWord} termina-os.\n{url}',
    'answer.help':
      'SMS sobre consultas. {stopWord} termina-os, {startWord} traz as mensagens de volta. Numa emergência ligue para a sua clínica ou para o número de emergência.\n{url}',
    'word.stop': 'STOP',
    'word.start': 'START',
    'calendar.patient': 'Consulta com {practitioner}',
    'calendar.caregiver': 'Consulta com {practitioner} (de uma pessoa de quem cuida)',
    'calendar.practitioner': 'Consulta (inicie sessão para ver com quem)',
  },
}
