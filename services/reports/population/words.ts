import type { Language } from '#platform/language.ts'

/** What the report says on paper. */
export interface Words {
  title: string
  month: string
  activity: string
  consultations: string
  patients: string
  groups: string
  age: string
  female: string
  male: string
  other: string
  unknown: string
  all: string
  problems: string
  code: string
  hidden: string
}

export const words: Readonly<Record<Language, Words>> = {
  en: {
    title: 'Activity report',
    month: 'Month',
    activity: 'Activity',
    consultations: 'Consultations',
    patients: 'Patients',
    groups: 'Patients by age and sex',
    age: 'Age in years',
    female: 'Female',
    male: 'Male',
    other: 'Other',
    unknown: 'Unknown',
    all: 'All',
    problems: 'Most frequent problems',
    code: 'Code',
    hidden:
      'Counts of one to four are left out, and with them those from which they could be computed (–). The others are to the nearest five.',
  },
  fr: {
    title: 'Rapport d’activité',
    month: 'Mois',
    activity: 'Activité',
    consultations: 'Consultations',
    patients: 'Patients',
    groups: 'Patients par âge et par sexe',
    age: 'Âge en années',
    female: 'Féminin',
    male: 'Masculin',
    other: 'Autre',
    unknown: 'Inconnu',
    all: 'Tous',
    problems: 'Problèmes les plus fréquents',
    code: 'Code',
    hidden:
      'Les nombres de un à quatre sont omis, ainsi que ceux qui permettraient de les calculer (–). Les autres sont arrondis à cinq.',
  },
  pt: {
    title: 'Relatório de atividade',
    month: 'Mês',
    activity: 'Atividade',
    consultations: 'Consultas',
    patients: 'Pacientes',
    groups: 'Pacientes por idade e sexo',
    age: 'Idade em anos',
    female: 'Feminino',
    male: 'Masculino',
    other: 'Outro',
    unknown: 'Desconhecido',
    all: 'Todos',
    problems: 'Problemas mais frequentes',
    code: 'Código',
    hidden:
      'Os números de um a quatro são omitidos, e com eles os que permitiriam calculá-los (–). Os outros são arredondados a cinco.',
  },
  es: {
    title: 'Informe de actividad',
    month: 'Mes',
    activity: 'Actividad',
    consultations: 'Consultas',
    patients: 'Pacientes',
    groups: 'Pacientes por edad y sexo',
    age: 'Edad en años',
    female: 'Femenino',
    male: 'Masculino',
    other: 'Otro',
    unknown: 'Desconocido',
    all: 'Todos',
    problems: 'Problemas más frecuentes',
    code: 'Código',
    hidden:
      'Los números de uno a cuatro se omiten, y con ellos los que permitirían calcularlos (–). Los demás están redondeados a cinco.',
  },
  sw: {
    title: 'Ripoti ya shughuli',
    month: 'Mwezi',
    activity: 'Shughuli',
    consultations: 'Mashauriano',
    patients: 'Wagonjwa',
    groups: 'Wagonjwa kwa umri na jinsia',
    age: 'Umri kwa miaka',
    female: 'Kike',
    male: 'Kiume',
    other: 'Nyingine',
    unknown: 'Haijulikani',
    all: 'Wote',
    problems: 'Matatizo ya mara kwa mara',
    code: 'Msimbo',
    hidden:
      'Idadi za moja hadi nne zimeachwa, pamoja na zile ambazo zingeweza kuzikokotoa (–). Nyingine zimekadiriwa hadi tano iliyo karibu.',
  },
  ar: {
    title: 'تقرير النشاط',
    month: 'الشهر',
    activity: 'النشاط',
    consultations: 'الاستشارات',
    patients: 'المرضى',
    groups: 'المرضى حسب العمر والجنس',
    age: 'العمر بالسنوات',
    female: 'أنثى',
    male: 'ذكر',
    other: 'آخر',
    unknown: 'غير معروف',
    all: 'الجميع',
    problems: 'أكثر المشكلات شيوعًا',
    code: 'الرمز',
    hidden: 'الأعداد من واحد إلى أربعة محذوفة، ومعها ما يمكن حسابها منه (–). أما البقية فمقربة إلى أقرب خمسة.',
  },
  hi: {
    title: 'गतिविधि रिपोर्ट',
    month: 'महीना',
    activity: 'गतिविधि',
    consultations: 'परामर्श',
    patients: 'मरीज़',
    groups: 'आयु और लिंग के अनुसार मरीज़',
    age: 'आयु वर्षों में',
    female: 'महिला',
    male: 'पुरुष',
    other: 'अन्य',
    unknown: 'अज्ञात',
    all: 'सभी',
    problems: 'सबसे अधिक समस्याएँ',
    code: 'कोड',
    hidden: 'एक से चार तक की संख्याएँ छोड़ दी गई हैं, और उनके साथ वे भी जिनसे वे निकाली जा सकती हैं (–)। बाकी निकटतम पाँच तक हैं।',
  },
}
