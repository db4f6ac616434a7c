import type { Language } from '#platform/language.ts'
import type { Required, Section } from './sections.ts'

/** What a document says of its own: all else is as it was written. */
/** How something stands, where it is not simply so. */
export type State =
  | 'amended'
  | 'preliminary'
  | 'onHold'
  | 'planned'
  | 'inProgress'
  | 'notKnown'
  | 'unconfirmed'
  | 'suspected'
  | 'recurring'
  | 'inRemission'
  | 'subpotent'

export type Words = {
  title: string
  sections: Readonly<Record<Section, string>>
  /** Nobody has said anything; and somebody has said that there is nothing. */
  unknown: Readonly<Record<Required, string>>
  none: Readonly<Record<Required, string>>
  /** It stands in every summary, so that it tells nothing of this one. */
  limits: string
  /** Of a section that has more than is shown: {shown}, {total}. */
  more: string
  /** Before what somebody has asked that it is not taken. */
  notToTake: string
  /** Of a course that goes on in the record and ended by its own bounds: {day}. */
  ranOut: string
  /** Of a dose that there are no words for. */
  doseElsewhere: string
  highRisk: string
} & Readonly<Record<State, string>>

const en: Words = {
  title: 'International Patient Summary',
  sections: {
    ...{ problems: 'Problems', allergies: 'Allergies and intolerances', medicines: 'Medicines' },
    ...{ immunizations: 'Vaccinations', results: 'Results', procedures: 'Procedures', devices: 'Medical devices' },
    ...{ vitalSigns: 'Vital signs', pastIllness: 'Past illnesses', planOfCare: 'Plan of care' },
    ...{ socialHistory: 'Social history', pregnancy: 'Pregnancies' },
  },
  unknown: {
    problems: 'There is no information about problems.',
    allergies: 'There is no information about allergies.',
    medicines: 'There is no information about medicines.',
  },
  none: {
    problems: 'No known problems.',
    allergies: 'No known allergies.',
    medicines: 'No known medicines.',
  },
  limits: 'This summary has what is recorded here and may be shown to whoever asked for it. It may not be complete.',
  more: 'The newest {shown} of {total} are shown.',
  notToTake: 'Not to be taken:',
  ranOut: 'the course ended on {day}; nobody has confirmed that it is still taken',
  doseElsewhere: 'The dose is in the prescription.',
  ...{ onHold: 'on hold', planned: 'planned', inProgress: 'in progress', notKnown: 'not known whether it still is so' },
  ...{ unconfirmed: 'unconfirmed', suspected: 'suspected', recurring: 'recurring', inRemission: 'in remission' },
  ...{
    amended: 'amended',
    preliminary: 'preliminary',
    highRisk: 'high risk',
    subpotent: 'a dose that is too weak to count',
  },
}

const fr: Words = {
  title: 'Résumé international du patient',
  sections: {
    ...{ problems: 'Problèmes', allergies: 'Allergies et intolérances', medicines: 'Médicaments' },
    ...{ immunizations: 'Vaccinations', results: 'Résultats', procedures: 'Actes', devices: 'Dispositifs médicaux' },
    ...{ vitalSigns: 'Signes vitaux', pastIllness: 'Antécédents', planOfCare: 'Plan de soins' },
    ...{ socialHistory: 'Mode de vie', pregnancy: 'Grossesses' },
  },
  unknown: {
    problems: 'Il n’y a pas d’information sur les problèmes de santé.',
    allergies: 'Il n’y a pas d’information sur les allergies.',
    medicines: 'Il n’y a pas d’information sur les médicaments.',
  },
  none: {
    problems: 'Aucun problème de santé connu.',
    allergies: 'Aucune allergie connue.',
    medicines: 'Aucun médicament connu.',
  },
  limits:
    'Ce résumé contient ce qui est enregistré ici et peut être montré à la personne qui l’a demandé. Il peut être incomplet.',
  more: 'Les {shown} plus récents sur {total} sont affichés.',
  notToTake: 'À ne pas prendre :',
  ranOut: 'le traitement prescrit s’est terminé le {day} ; personne n’a confirmé qu’il est encore pris',
  doseElsewhere: 'La posologie figure dans la prescription.',
  ...{
    onHold: 'suspendu',
    planned: 'prévu',
    inProgress: 'en cours',
    notKnown: 'on ne sait pas si c’est toujours le cas',
  },
  ...{ unconfirmed: 'non confirmé', suspected: 'suspecté', recurring: 'récidivant', inRemission: 'en rémission' },
  ...{
    amended: 'rectifié',
    preliminary: 'provisoire',
    highRisk: 'risque élevé',
    subpotent: 'dose trop faible pour compter',
  },
}

const pt: Words = {
  title: 'Resumo Internacional do Paciente',
  sections: {
    ...{ problems: 'Problemas', allergies: 'Alergias e intolerâncias', medicines: 'Medicamentos' },
    ...{ immunizations: 'Vacinas', results: 'Resultados', procedures: 'Procedimentos' },
    ...{ devices: 'Dispositivos médicos', vitalSigns: 'Sinais vitais', pastIllness: 'Doenças anteriores' },
    ...{ planOfCare: 'Plano de cuidados', socialHistory: 'História social', pregnancy: 'Gravidezes' },
  },
  unknown: {
    problems: 'Não há informação sobre problemas de saúde.',
    allergies: 'Não há informação sobre alergias.',
    medicines: 'Não há informação sobre medicamentos.',
  },
  none: {
    problems: 'Sem problemas de saúde conhecidos.',
    allergies: 'Sem alergias conhecidas.',
    medicines: 'Sem medicamentos conhecidos.',
  },
  limits: 'Este resumo contém o que está registado aqui e pode ser mostrado a quem o pediu. Pode não estar completo.',
  more: 'São mostrados os {shown} mais recentes de {total}.',
  notToTake: 'Não tomar:',
  ranOut: 'o tratamento terminou em {day}; ninguém confirmou que ainda é tomado',
  doseElsewhere: 'A dose está na prescrição.',
  ...{ onHold: 'suspenso', planned: 'planeado', inProgress: 'em curso', notKnown: 'não se sabe se ainda é assim' },
  ...{ unconfirmed: 'não confirmado', suspected: 'suspeito', recurring: 'recorrente', inRemission: 'em remissão' },
  ...{
    amended: 'corrigido',
    preliminary: 'preliminar',
    highRisk: 'risco elevado',
    subpotent: 'dose demasiado fraca para contar',
  },
}

const es: Words = {
  title: 'Resumen Internacional del Paciente',
  sections: {
    ...{ problems: 'Problemas', allergies: 'Alergias e intolerancias', medicines: 'Medicamentos' },
    ...{ immunizations: 'Vacunas', results: 'Resultados', procedures: 'Procedimientos' },
    ...{ devices: 'Dispositivos médicos', vitalSigns: 'Signos vitales', pastIllness: 'Enfermedades anteriores' },
    ...{ planOfCare: 'Plan de cuidados', socialHistory: 'Historia social', pregnancy: 'Embarazos' },
  },
  unknown: {
    problems: 'No hay información sobre problemas de salud.',
    allergies: 'No hay información sobre alergias.',
    medicines: 'No hay información sobre medicamentos.',
  },
  none: {
    problems: 'Sin problemas de salud conocidos.',
    allergies: 'Sin alergias conocidas.',
    medicines: 'Sin medicamentos conocidos.',
  },
  limits:
    'Este resumen contiene lo que está registrado aquí y se puede mostrar a quien lo ha pedido. Puede no estar completo.',
  more: 'Se muestran los {shown} más recientes de {total}.',
  notToTake: 'No tomar:',
  ranOut: 'el tratamiento terminó el {day}; nadie ha confirmado que se siga tomando',
  doseElsewhere: 'La dosis figura en la receta.',
  ...{ onHold: 'en pausa', planned: 'previsto', inProgress: 'en curso', notKnown: 'no se sabe si sigue siendo así' },
  ...{ unconfirmed: 'sin confirmar', suspected: 'sospechado', recurring: 'recurrente', inRemission: 'en remisión' },
  ...{
    amended: 'corregido',
    preliminary: 'preliminar',
    highRisk: 'riesgo alto',
    subpotent: 'dosis demasiado débil para contar',
  },
}

const sw: Words = {
  title: 'Muhtasari wa Kimataifa wa Mgonjwa',
  sections: {
    ...{ problems: 'Matatizo', allergies: 'Mizio', medicines: 'Dawa', immunizations: 'Chanjo', results: 'Majibu' },
    ...{ procedures: 'Taratibu za matibabu', devices: 'Vifaa tiba', vitalSigns: 'Dalili muhimu za mwili' },
    ...{ pastIllness: 'Magonjwa ya awali', planOfCare: 'Mpango wa huduma' },
    ...{ socialHistory: 'Mtindo wa maisha', pregnancy: 'Ujauzito' },
  },
  unknown: {
    problems: 'Hakuna taarifa kuhusu matatizo ya afya.',
    allergies: 'Hakuna taarifa kuhusu mizio.',
    medicines: 'Hakuna taarifa kuhusu dawa.',
  },
  none: {
    problems: 'Hakuna matatizo ya afya yanayojulikana.',
    allergies: 'Hakuna mizio inayojulikana.',
    medicines: 'Hakuna dawa zinazojulikana.',
  },
  limits:
    'Muhtasari huu una yale yaliyoandikwa hapa na yanayoruhusiwa kuonyeshwa kwa aliyeuomba. Huenda haujakamilika.',
  more: 'Zinaonyeshwa {shown} za hivi karibuni kati ya {total}.',
  notToTake: 'Zisizotakiwa kutumiwa:',
  ranOut: 'muda wa dawa uliisha tarehe {day}; haijathibitishwa kama bado inatumiwa',
  doseElsewhere: 'Dozi imeandikwa kwenye maagizo ya dawa.',
  ...{
    onHold: 'imesimamishwa kwa muda',
    planned: 'imepangwa',
    inProgress: 'inaendelea',
    notKnown: 'haijulikani kama bado ni hivyo',
  },
  ...{ unconfirmed: 'haijathibitishwa', suspected: 'inashukiwa', recurring: 'imejirudia', inRemission: 'imetulia' },
  ...{
    amended: 'imesahihishwa',
    preliminary: 'ya awali',
    highRisk: 'hatari kubwa',
    subpotent: 'kipimo hafifu kisichohesabika',
  },
}

const ar: Words = {
  title: 'الملخص الدولي للمريض',
  sections: {
    ...{ problems: 'المشكلات الصحية', allergies: 'الحساسية وعدم التحمل', medicines: 'الأدوية' },
    ...{ immunizations: 'التطعيمات', results: 'النتائج', procedures: 'الإجراءات', devices: 'الأجهزة الطبية' },
    ...{ vitalSigns: 'العلامات الحيوية', pastIllness: 'الأمراض السابقة', planOfCare: 'خطة الرعاية' },
    ...{ socialHistory: 'التاريخ الاجتماعي', pregnancy: 'الحمل' },
  },
  unknown: {
    problems: 'لا توجد معلومات عن المشكلات الصحية.',
    allergies: 'لا توجد معلومات عن الحساسية.',
    medicines: 'لا توجد معلومات عن الأدوية.',
  },
  none: {
    problems: 'لا توجد مشكلات صحية معروفة.',
    allergies: 'لا توجد حساسية معروفة.',
    medicines: 'لا توجد أدوية معروفة.',
  },
  limits: 'يحتوي هذا الملخص على ما هو مسجل هنا ويجوز عرضه لمن طلبه. وقد لا يكون كاملاً.',
  more: 'يُعرض أحدث {shown} من أصل {total}.',
  notToTake: 'لا يجوز تناولها:',
  ranOut: 'انتهت مدة الدواء في {day}؛ ولم يؤكد أحد أنه لا يزال يؤخذ',
  doseElsewhere: 'الجرعة مذكورة في الوصفة الطبية.',
  ...{ onHold: 'موقوف مؤقتًا', planned: 'مخطط له', inProgress: 'جارٍ', notKnown: 'لا يُعرف إن كان لا يزال كذلك' },
  ...{ unconfirmed: 'غير مؤكد', suspected: 'مشتبه به', recurring: 'متكرر', inRemission: 'في حالة هدوء' },
  ...{ amended: 'معدَّل', preliminary: 'أولي', highRisk: 'خطورة عالية', subpotent: 'جرعة أضعف من أن تُحتسب' },
}

const hi: Words = {
  title: 'अंतरराष्ट्रीय रोगी सारांश',
  sections: {
    ...{ problems: 'समस्याएँ', allergies: 'एलर्जी और असहिष्णुता', medicines: 'दवाएँ', immunizations: 'टीके' },
    ...{ results: 'जाँच के परिणाम', procedures: 'प्रक्रियाएँ', devices: 'चिकित्सा उपकरण' },
    ...{ vitalSigns: 'शारीरिक माप', pastIllness: 'पिछली बीमारियाँ', planOfCare: 'देखभाल की योजना' },
    ...{ socialHistory: 'सामाजिक इतिहास', pregnancy: 'गर्भावस्था' },
  },
  unknown: {
    problems: 'समस्याओं के बारे में कोई जानकारी नहीं है।',
    allergies: 'एलर्जी के बारे में कोई जानकारी नहीं है।',
    medicines: 'दवाओं के बारे में कोई जानकारी नहीं है।',
  },
  none: {
    problems: 'कोई ज्ञात समस्या नहीं।',
    allergies: 'कोई ज्ञात एलर्जी नहीं।',
    medicines: 'कोई ज्ञात दवा नहीं।',
  },
  limits: 'इस सारांश में वही है जो यहाँ दर्ज है और जिसे माँगने वाले को दिखाया जा सकता है। यह अधूरा हो सकता है।',
  more: '{total} में से सबसे नए {shown} दिखाए गए हैं।',
  notToTake: 'न लें:',
  ranOut: 'दवा की अवधि {day} को समाप्त हुई; किसी ने पुष्टि नहीं की है कि यह अब भी ली जा रही है',
  doseElsewhere: 'खुराक पर्चे में लिखी है।',
  ...{ onHold: 'फ़िलहाल रोका गया', planned: 'नियोजित', inProgress: 'जारी', notKnown: 'पता नहीं कि अब भी ऐसा है या नहीं' },
  ...{ unconfirmed: 'अपुष्ट', suspected: 'संदिग्ध', recurring: 'दोबारा हुआ', inRemission: 'शांत अवस्था में' },
  ...{
    amended: 'संशोधित',
    preliminary: 'प्रारंभिक',
    highRisk: 'अधिक जोखिम',
    subpotent: 'इतनी कमज़ोर खुराक कि गिनी नहीं जाती',
  },
}

export const words: Readonly<Record<Language, Words>> = { en, fr, pt, es, sw, ar, hi }
