// Who can sign in by name, all with the one demonstration password.

export interface SignIn {
  userName: string
  given: string
  family: string
  language: string
  gender: 'female' | 'male'
  /** For people who look for somebody to try something as. */
  about: string
  administrator?: true
  practitioner?: { speciality: string; place: number; licence: 'verified' | 'pending' | 'expired'; videoOnly?: true }
  patient?: true
  caregiver?: true
}

export const signIns: readonly SignIn[] = [
  {
    userName: 'ada',
    given: 'Ada',
    family: 'Meridian',
    language: 'en',
    gender: 'female',
    about: 'Administrator: verifies licences, grants roles',
    administrator: true,
  },
  {
    userName: 'amina',
    given: 'Amina',
    family: 'Tradewind',
    language: 'en',
    gender: 'female',
    about: 'Practitioner: general practice at Zero Harbour',
    practitioner: { speciality: 'general-practice', place: 0, licence: 'verified' },
  },
  {
    userName: 'layla',
    given: 'ليلى',
    family: 'المنارة البعيدة',
    language: 'ar',
    gender: 'female',
    about: 'Practitioner: cardiology',
    practitioner: { speciality: 'cardiology', place: 2, licence: 'verified' },
  },
  {
    userName: 'selam',
    given: 'ሰላም',
    family: 'ዜሮ ባሕር',
    language: 'am',
    gender: 'female',
    about: 'Practitioner: paediatrics',
    practitioner: { speciality: 'paediatrics', place: 3, licence: 'verified' },
  },
  {
    userName: 'meiling',
    given: '美玲',
    family: '零海',
    language: 'zh',
    gender: 'female',
    about: 'Practitioner: psychiatry, by video only',
    practitioner: { speciality: 'psychiatry', place: 4, licence: 'verified', videoOnly: true },
  },
  {
    userName: 'kwame',
    given: 'Kwame',
    family: 'Nullstone',
    language: 'en',
    gender: 'male',
    about: 'Practitioner whose licence waits for ada to verify it',
    practitioner: { speciality: 'dermatology', place: 1, licence: 'pending' },
  },
  {
    userName: 'helene',
    given: 'Hélène',
    family: 'Zéromarée',
    language: 'fr',
    gender: 'female',
    about: 'Practitioner whose licence has expired',
    practitioner: { speciality: 'general-practice', place: 7, licence: 'expired' },
  },
  {
    userName: 'esi',
    given: 'Esi',
    family: 'Seagrass',
    language: 'en',
    gender: 'female',
    about: 'Patient, with visits behind and ahead; grace cares for her',
    patient: true,
  },
  {
    userName: 'tomas',
    given: 'Tomás',
    family: 'Ventonulo',
    language: 'pt',
    gender: 'male',
    about: 'Patient; grace may book for him, joao may only see',
    patient: true,
  },
  {
    userName: 'hana',
    given: 'ሀና',
    family: 'ደሴት ባዶ',
    language: 'am',
    gender: 'female',
    about: 'Patient without a caregiver',
    patient: true,
  },
  {
    userName: 'grace',
    given: 'Grace',
    family: 'Highwater',
    language: 'en',
    gender: 'female',
    about: 'Caregiver of esi, tomas and a child without an account',
    caregiver: true,
  },
  {
    userName: 'joao',
    given: 'João',
    family: 'Faroalto',
    language: 'pt',
    gender: 'male',
    about: 'Caregiver of tomas, without the power to book',
    caregiver: true,
  },
  {
    userName: 'zuri',
    given: 'Zuri',
    family: 'Windrose',
    language: 'en',
    gender: 'female',
    about: 'Practitioner (neurology), patient and caregiver at once',
    practitioner: { speciality: 'neurology', place: 0, licence: 'verified' },
    patient: true,
    caregiver: true,
  },
]
