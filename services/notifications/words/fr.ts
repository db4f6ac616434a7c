import type { Words } from './words.ts'

export const fr: Words = {
  messages: {
    'appointment-booked.patient': {
      title: 'Rendez-vous pris',
      text: 'Votre rendez-vous avec {practitioner} est prévu le {when}{where}.',
      short: 'Vous avez un rendez-vous le {when}.',
    },
    'appointment-booked.caregiver': {
      title: 'Rendez-vous pris',
      text: 'Le rendez-vous de {patient} avec {practitioner} est prévu le {when}{where}.',
      short: 'Une personne dont vous vous occupez a un rendez-vous le {when}.',
    },
    'appointment-booked.practitioner': {
      title: 'Nouveau rendez-vous',
      text: '{patient} a un rendez-vous avec vous le {when}{where}.',
      mail: 'Un rendez-vous avec vous a été pris pour le {when}{where}. Connectez-vous pour voir avec qui.',
      short: 'Un rendez-vous avec vous a été pris pour le {when}.',
    },
    'appointment-rescheduled.patient': {
      title: 'Rendez-vous déplacé',
      text: 'Votre rendez-vous avec {practitioner} a été déplacé. Il est maintenant prévu le {when}{where}.',
      short: 'Votre rendez-vous a été déplacé. Il est maintenant prévu le {when}.',
    },
    'appointment-rescheduled.caregiver': {
      title: 'Rendez-vous déplacé',
      text: 'Le rendez-vous de {patient} avec {practitioner} a été déplacé. Il est maintenant prévu le {when}{where}.',
      short: 'Le rendez-vous d’une personne dont vous vous occupez a été déplacé. Il est maintenant prévu le {when}.',
    },
    'appointment-rescheduled.practitioner': {
      title: 'Rendez-vous déplacé',
      text: 'Le rendez-vous de {patient} avec vous a été déplacé. Il est maintenant prévu le {when}{where}.',
      mail: 'Un rendez-vous avec vous a été déplacé. Il est maintenant prévu le {when}{where}. Connectez-vous pour voir avec qui.',
      short: 'Un rendez-vous avec vous a été déplacé. Il est maintenant prévu le {when}.',
    },
    'appointment-cancelled.patient': {
      title: 'Rendez-vous annulé',
      text: 'Votre rendez-vous avec {practitioner}, prévu le {when}, a été annulé.',
      short: 'Votre rendez-vous du {when} a été annulé.',
    },
    'appointment-cancelled.caregiver': {
      title: 'Rendez-vous annulé',
      text: 'Le rendez-vous de {patient} avec {practitioner}, prévu le {when}, a été annulé.',
      short: 'Le rendez-vous d’une personne dont vous vous occupez, prévu le {when}, a été annulé.',
    },
    'appointment-cancelled.practitioner': {
      title: 'Rendez-vous annulé',
      text: 'Le rendez-vous de {patient} avec vous, prévu le {when}, a été annulé.',
      mail: 'Un rendez-vous avec vous, prévu le {when}, a été annulé. Connectez-vous pour voir avec qui.',
      short: 'Un rendez-vous avec vous, prévu le {when}, a été annulé.',
    },
    'appointment-reminder.patient': {
      title: 'Votre rendez-vous approche',
      text: 'Votre rendez-vous avec {practitioner} est prévu le {when}{where}. Si vous ne pouvez pas venir, merci de l’annuler, pour que quelqu’un d’autre puisse en profiter.',
      short: 'Votre rendez-vous est prévu le {when}. Si vous ne pouvez pas venir, merci de l’annuler.',
    },
    'appointment-reminder.caregiver': {
      title: 'Un rendez-vous approche',
      text: 'Le rendez-vous de {patient} avec {practitioner} est prévu le {when}{where}. S’il n’est pas possible de venir, merci de l’annuler, pour que quelqu’un d’autre puisse en profiter.',
      short:
        'Une personne dont vous vous occupez a un rendez-vous le {when}. Si ce n’est pas possible, merci de l’annuler.',
    },
    'appointments-reminder.patient': {
      title: 'Vos rendez-vous approchent',
      text: 'Vous avez {count, plural, one {# rendez-vous} other {# rendez-vous}} :\n{list}\nSi vous ne pouvez pas venir, merci d’annuler, pour que quelqu’un d’autre puisse en profiter.',
      short: 'Vous avez {count, plural, one {# rendez-vous} other {# rendez-vous}}, le premier le {when}.',
    },
    'appointments-reminder.caregiver': {
      title: 'Des rendez-vous approchent',
      text: '{patient} a {count, plural, one {# rendez-vous} other {# rendez-vous}} :\n{list}\nS’il n’est pas possible de venir, merci d’annuler, pour que quelqu’un d’autre puisse en profiter.',
      short:
        'Une personne dont vous vous occupez a {count, plural, one {# rendez-vous} other {# rendez-vous}}, le premier le {when}.',
    },
    'appointments-booked.patient': {
      title: 'Rendez-vous pris',
      text: 'Vous avez {count, plural, one {# rendez-vous} other {# rendez-vous}} avec {practitioner} :\n{times}',
      short: 'Vous avez {count, plural, one {# rendez-vous} other {# rendez-vous}}, le premier le {when}.',
    },
    'appointments-booked.caregiver': {
      title: 'Rendez-vous pris',
      text: '{patient} a {count, plural, one {# rendez-vous} other {# rendez-vous}} avec {practitioner} :\n{times}',
      short:
        'Une personne dont vous vous occupez a {count, plural, one {# rendez-vous} other {# rendez-vous}}, le premier le {when}.',
    },
    'appointments-booked.practitioner': {
      title: 'Nouveaux rendez-vous',
      text: '{patient} a {count, plural, one {# rendez-vous} other {# rendez-vous}} avec vous :\n{times}',
      mail: 'Pris avec vous : {count, plural, one {# rendez-vous} other {# rendez-vous}}.\n{times}\nConnectez-vous pour voir avec qui.',
      short: 'Pris avec vous : {count, plural, one {# rendez-vous} other {# rendez-vous}}, le premier le {when}.',
    },
    'appointments-rescheduled.patient': {
      title: 'Rendez-vous déplacés',
      text: 'Déplacés avec {practitioner} : {count, plural, one {# rendez-vous} other {# rendez-vous}}. Les voici :\n{times}',
      short:
        'Déplacés : {count, plural, one {# rendez-vous} other {# rendez-vous}}. Le premier est maintenant le {when}.',
    },
    'appointments-rescheduled.caregiver': {
      title: 'Rendez-vous déplacés',
      text: 'Déplacés pour {patient} avec {practitioner} : {count, plural, one {# rendez-vous} other {# rendez-vous}}. Les voici :\n{times}',
      short:
        'Déplacés pour une personne dont vous vous occupez : {count, plural, one {# rendez-vous} other {# rendez-vous}}. Le premier est maintenant le {when}.',
    },
    'appointments-rescheduled.practitioner': {
      title: 'Rendez-vous déplacés',
      text: 'Déplacés pour {patient} avec vous : {count, plural, one {# rendez-vous} other {# rendez-vous}}. Les voici :\n{times}',
      mail: 'Déplacés avec vous : {count, plural, one {# rendez-vous} other {# rendez-vous}}. Les voici :\n{times}\nConnectez-vous pour voir avec qui.',
      short:
        'Déplacés avec vous : {count, plural, one {# rendez-vous} other {# rendez-vous}}. Le premier est maintenant le {when}.',
    },
    'appointments-cancelled.patient': {
      title: 'Rendez-vous annulés',
      text: 'Annulés avec {practitioner} : {count, plural, one {# rendez-vous} other {# rendez-vous}}.\n{times}',
      short: 'Annulés : {count, plural, one {# rendez-vous} other {# rendez-vous}}, à partir de celui du {when}.',
    },
    'appointments-cancelled.caregiver': {
      title: 'Rendez-vous annulés',
      text: 'Annulés pour {patient} avec {practitioner} : {count, plural, one {# rendez-vous} other {# rendez-vous}}.\n{times}',
      short:
        'Annulés pour une personne dont vous vous occupez : {count, plural, one {# rendez-vous} other {# rendez-vous}}, à partir de celui du {when}.',
    },
    'appointments-cancelled.practitioner': {
      title: 'Rendez-vous annulés',
      text: 'Annulés pour {patient} avec vous : {count, plural, one {# rendez-vous} other {# rendez-vous}}.\n{times}',
      mail: 'Annulés avec vous : {count, plural, one {# rendez-vous} other {# rendez-vous}}.\n{times}\nConnectez-vous pour voir avec qui.',
      short:
        'Annulés avec vous : {count, plural, one {# rendez-vous} other {# rendez-vous}}, à partir de celui du {when}.',
    },
    'waitlist-offer.patient': {
      title: 'Une heure s’est libérée',
      text: 'Vous pouvez avoir un rendez-vous avec {practitioner} le {when}{where}. Cette heure vous est réservée jusqu’à : {until}. Merci de répondre oui ou non avant.',
    },
    'waitlist-offer.caregiver': {
      title: 'Une heure s’est libérée',
      text: '{patient} peut avoir un rendez-vous avec {practitioner} le {when}{where}. Cette heure est réservée jusqu’à : {until}. Merci de répondre oui ou non avant.',
    },
    'mandate-granted.patient': {
      title: 'Vous avez proposé un mandat',
      text: '{caregiver} pourra agir pour vous dès que le mandat sera accepté. Vous pouvez le retirer à tout moment.',
    },
    'mandate-granted.caregiver': {
      title: 'On vous demande d’agir pour quelqu’un',
      text: '{patient} vous demande d’agir en son nom. Regardez dans le mandat ce qu’il permet, et de quand à quand ; puis acceptez-le ou refusez-le.',
    },
    'mandate-accepted.patient': {
      title: 'Votre mandat a été accepté',
      text: '{caregiver} peut maintenant agir pour vous. Vous pouvez retirer le mandat à tout moment.',
    },
    'mandate-accepted.caregiver': {
      title: 'Vous avez un mandat',
      text: 'Vous pouvez maintenant agir pour {patient}.',
    },
    'mandate-ending.patient': {
      title: 'Un mandat se termine bientôt',
      text: '{caregiver} peut agir pour vous encore quelques semaines. Si cela convient toujours, donnez-lui un nouveau mandat.',
    },
    'mandate-ending.caregiver': {
      title: 'Un mandat se termine bientôt',
      text: 'Vous pouvez agir pour {patient} encore quelques semaines. Si cela convient toujours, un nouveau mandat peut vous être donné ; un enfant qui devient majeur en décide seul.',
    },
    'mandate-revoked.patient': {
      title: 'Un mandat a pris fin',
      text: '{caregiver} ne peut plus agir pour vous.',
    },
    'mandate-revoked.caregiver': {
      title: 'Un mandat a pris fin',
      text: 'Vous ne pouvez plus agir pour {patient}.',
    },
    'record-opened.patient': {
      title: 'Votre dossier a été ouvert en urgence',
      text: '{practitioner} a ouvert votre dossier en urgence, pour quatre heures. Un administrateur va le vérifier ; si cela ne vous semble pas justifié, dites-le-lui.',
      mail: 'Votre dossier a été ouvert en urgence, pour quatre heures. Connectez-vous pour voir par qui. Un administrateur va le vérifier.',
    },
    'record-opened.caregiver': {
      title: 'Un dossier a été ouvert en urgence',
      text: '{practitioner} a ouvert le dossier de {patient} en urgence, pour quatre heures. Un administrateur va le vérifier.',
      mail: 'Le dossier d’une personne dont vous vous occupez a été ouvert en urgence, pour quatre heures. Connectez-vous pour voir lequel. Un administrateur va le vérifier.',
    },
    'record-merged.patient': {
      title: 'Votre dossier a été réuni avec un autre',
      text: 'Un administrateur a constaté que deux dossiers sont ceux d’une même personne, vous, et les a réunis. Si vous pensez que c’est une erreur, dites-le à un administrateur : cela peut être annulé.',
    },
    'record-merged.caregiver': {
      title: 'Un dossier a été réuni avec un autre',
      text: 'Un administrateur a constaté que deux dossiers sont ceux d’une même personne dont vous vous occupez, et les a réunis. Si vous pensez que c’est une erreur, dites-le à un administrateur : cela peut être annulé.',
    },
    'record-unmerged.patient': {
      title: 'Votre dossier a été séparé d’un autre',
      text: 'Deux dossiers avaient été réunis, et un administrateur les a séparés. Relisez le vôtre ; si quelque chose n’est pas à vous, ou manque, dites-le à un administrateur.',
    },
    'record-unmerged.caregiver': {
      title: 'Un dossier a été séparé d’un autre',
      text: 'Deux dossiers, dont celui d’une personne dont vous vous occupez, avaient été réunis, et un administrateur les a séparés. Si quelque chose manque, dites-le à un administrateur.',
    },
    'licence-verified.practitioner': {
      title: 'Licence vérifiée',
      text: 'Votre licence a été vérifiée. Vous pouvez maintenant proposer des rendez-vous.',
    },
    'licence-rejected.practitioner': {
      title: 'Licence non acceptée',
      text: 'Votre licence n’a pas pu être vérifiée. Regardez-la pour savoir pourquoi, puis envoyez-la de nouveau.',
    },
    'licence-revoked.practitioner': {
      title: 'Licence retirée',
      text: 'Votre licence n’est plus acceptée : vous ne pouvez donc plus exercer ici avec elle. Regardez-la pour savoir pourquoi, et adressez-vous à un administrateur si vous pensez que c’est une erreur.',
    },
    'licence-ending.practitioner': {
      title: 'Votre licence se termine bientôt',
      text: 'Votre licence se termine dans {days, plural, one {# jour} other {# jours}} au plus. Ajoutez la nouvelle avec son certificat ; sans elle, vous ne serez plus proposé à personne.',
    },
    'message.patient': {
      title: 'Un message pour vous',
      text: '{written}',
      mail: 'Une personne qui vous soigne vous a écrit. Connectez-vous pour lire son message.',
      short: 'Un message vous attend.',
    },
    'message.caregiver': {
      title: 'Un message au sujet d’une personne que vous aidez',
      text: '{written}',
      mail: 'Une personne qui soigne quelqu’un que vous aidez a écrit. Connectez-vous pour lire son message.',
      short: 'Un message vous attend au sujet d’une personne que vous aidez.',
    },
    'announcement.person': {
      title: 'Une annonce',
      text: '{written}',
      mail: 'Il y a une annonce. Connectez-vous pour la lire.',
      short: 'Il y a une annonce.',
    },
    'thread-message.patient': {
      title: 'Un message au sujet de votre visite',
      text: 'Quelqu’un a écrit au sujet de votre visite. Connectez-vous pour lire son message.',
      short: 'Un message vous attend au sujet de votre visite.',
    },
    'thread-message.caregiver': {
      title: 'Un message au sujet d’une personne que vous aidez',
      text: 'Quelqu’un a écrit au sujet d’une visite d’une personne que vous aidez. Connectez-vous pour lire son message.',
      short: 'Un message vous attend au sujet d’une personne que vous aidez.',
    },
    'thread-message.practitioner': {
      title: 'Un message d’un patient',
      text: 'Un patient vous a écrit au sujet d’une visite. Connectez-vous pour lire son message.',
      short: 'Un message d’un patient vous attend.',
    },
    'care-task.patient': {
      title: 'C’est le moment d’un soin prévu',
      text: 'C’est le moment d’un soin prévu dans votre plan de soins. Connectez-vous pour voir lequel et pour indiquer qu’il est fait.',
      short: 'C’est le moment d’un soin prévu dans votre plan de soins.',
    },
    'care-task.caregiver': {
      title: 'C’est le moment d’un soin pour une personne que vous aidez',
      text: 'C’est le moment d’un soin dont vous vous chargez pour une personne que vous aidez. Connectez-vous pour voir lequel et pour indiquer qu’il est fait.',
      short: 'C’est le moment d’un soin pour une personne que vous aidez.',
    },
    'care-task.practitioner': {
      title: 'C’est le moment d’un soin prévu pour un patient',
      text: 'C’est le moment d’un soin dont vous vous chargez dans le plan de soins d’un patient. Connectez-vous pour voir lequel et pour indiquer qu’il est fait.',
      short: 'C’est le moment d’un soin prévu pour un patient.',
    },
    'care-plan-review.practitioner': {
      title: 'Un plan de soins est à revoir',
      text: 'Le jour où vous vouliez revoir un plan de soins est arrivé. Connectez-vous pour voir lequel.',
    },
    'webhook-disabled.administrator': {
      title: 'Un webhook a été désactivé',
      text: '{host} {reason, select, gone {indique ne plus vouloir de webhooks} other {n’a accepté aucun webhook depuis cinq jours}} et n’en reçoit donc plus. Réactivez-le quand il fonctionne, et renvoyez ce qui a été abandonné.',
    },
    'erasure-requested.person': {
      title: 'Un effacement a été demandé',
      text: 'Ce qui est connu de vous ici va être effacé. Si vous ne l’avez pas voulu, connectez-vous et annulez.',
    },
    'erasure-claimed.person': {
      title: 'L’effacement de votre dossier a été demandé',
      text: 'Le {created}, avant que vous ne repreniez votre dossier ici, un administrateur en a demandé l’effacement. Il aura lieu le {due}. Si vous ne le voulez pas, connectez-vous et annulez ; si vous le voulez, vous pouvez le confirmer.',
    },
    'export-ready.person': {
      title: 'Votre copie est prête',
      text: 'Ce que vous avez demandé peut être retiré pendant quelques jours. Connectez-vous pour le faire.',
    },
    'password-changed.person': {
      title: 'Votre mot de passe a été changé',
      text: 'Partout ailleurs, vous êtes déconnecté. Si ce n’était pas vous, connectez-vous par un code ou une clé d’accès, choisissez un autre mot de passe, et vérifiez vos clés d’accès et vos sessions.',
    },
    'texts-stopped.person': {
      title: 'Les SMS vers votre téléphone sont arrêtés',
      text: 'Quelqu’un a écrit {stopWord} depuis le téléphone indiqué dans votre compte : aucun SMS sur les soins n’y est plus envoyé, pour personne qui le partage. {startWord}, écrit depuis ce téléphone, les rétablit. Tout reste visible ici.',
    },
    'texts-started.person': {
      title: 'Les SMS vers votre téléphone reprennent',
      text: 'Quelqu’un a écrit {startWord} depuis le téléphone indiqué dans votre compte : les SMS sur les soins y sont de nouveau envoyés.',
    },
  },
  phrases: {
    when: '{time} ({zone})',
    'when-both': '{time} ({zone} ; pour vous {own}, {ownZone})',
    where: '{how, select, video {, par vidéo} phone {, par téléphone} place {, à {place}} other {}}',
    visit: '- avec {practitioner} le {when}{where}',
    'code.title': 'Votre code',
    'code.text':
      '{code} est votre code pour {site}. Il est valable {minutes, plural, one {# minute} other {# minutes}}. Ne le donnez à personne : nous ne le demandons jamais. Si vous n’en vouliez pas, vous n’avez rien à faire.',
    'code.spoken': 'Votre code est : {digits}. Je répète : {digits}. Ne le donnez à personne.',
    'link.confirm': 'Pour confirmer que vous venez :\n{url}',
    'link.move': 'Pour choisir une autre heure :\n{url}',
    'link.cancel': 'Pour annuler :\n{url}',
    'link.choose': '{when} : pour confirmer, déplacer ou annuler\n{url}',
    'link.accept': 'Oui, je prends cette heure :\n{url}',
    'link.decline': 'Non, je la laisse à d’autres :\n{url}',
    'digest.title': '{count, plural, one {# message} other {# messages}} d’aujourd’hui',
    'footer.mail':
      'Tout ce qui vous concerne est à voir ici :\n{url}\nPersonne ne lit les réponses à cette adresse. Si ce message ne vous est pas destiné, merci de le supprimer.',
    'footer.text': '{stopWord} met fin à ces SMS.\n{url}',
    'answer.stop': 'Plus aucun SMS sur les soins ne viendra sur ce téléphone. {startWord} les rétablit.\n{url}',
    'answer.start': 'Les SMS sur les soins viennent de nouveau sur ce téléphone. {stopWord} les arrête.\n{url}',
    'answer.help':
      'SMS sur vos rendez-vous. {stopWord} les arrête, {startWord} les rétablit. En cas d’urgence, appelez votre clinique ou le numéro d’urgence.\n{url}',
    'word.stop': 'STOP',
    'word.start': 'START',
    'calendar.patient': 'Rendez-vous avec {practitioner}',
    'calendar.caregiver': 'Rendez-vous avec {practitioner} (pour une personne dont vous vous occupez)',
    'calendar.practitioner': 'Rendez-vous (connectez-vous pour voir avec qui)',
  },
}
