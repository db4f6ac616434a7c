import { type Dice, pick, random } from './dice.ts'

// A labelled set for judging how duplicates are found: fictional people in several scripts, some of whom are registered twice with the slips that
// desks and people make, among twins, families, namesakes, and sons who have their father's name.

export interface Registration {
  /** Who it really is. Two registrations of one person have the same. */
  person: number
  name: string
  birthDate: string
  gender: 'female' | 'male'
  phone: string | null
}

/** A name as it is written at home, and in Latin letters by different people. */
type Written = readonly [home: string, ...latin: string[]]
interface Culture {
  female: readonly Written[]
  male: readonly Written[]
  family: readonly Written[]
  /** Whether the family's name comes first at home. */
  familyFirst?: boolean
  /** Whether there is no space between the two at home. */
  joined?: boolean
}

const names = (text: string): Written[] =>
  text
    .trim()
    .split(/\s*,\s*/)
    .map((one) => one.split('/') as unknown as Written)

const CULTURES: readonly Culture[] = [
  {
    female: names(
      'فاطمة/Fatima/Fatimah/Fatma, مريم/Maryam/Mariam, زينب/Zainab/Zaynab/Zeinab, خديجة/Khadija/Khadijah, ليلى/Layla/Leila/Laila, نور/Noor/Nour/Nur, هدى/Huda/Houda, سمية/Sumaya/Soumaya, أمينة/Amina/Aminah, رانيا/Rania/Raniya, سارة/Sara/Sarah, ياسمين/Yasmin/Yasmeen/Yasmine',
    ),
    male: names(
      'محمد/Mohammed/Muhammad/Mohamed/Mohammad, أحمد/Ahmed/Ahmad, علي/Ali/Aly, عمر/Omar/Umar, يوسف/Youssef/Yusuf/Yousef, حسن/Hassan/Hasan, حسين/Hussein/Husain/Hussain, إبراهيم/Ibrahim/Ebrahim, خالد/Khalid/Khaled, كريم/Karim/Kareem, سعيد/Said/Saeed, مصطفى/Mustafa/Mostafa/Moustafa',
    ),
    family: names(
      'الحداد/Haddad/Al-Haddad, النجار/Najjar/Al Najjar/Al-Najar, الخطيب/Khatib/Al-Khateeb, منصور/Mansour/Mansur, سالم/Salem/Salim, قاسم/Qasim/Kassem/Qassem, الشامي/Shami/Al-Shami, رمضان/Ramadan/Ramadhan, شريف/Sharif/Shareef/Cherif, عباس/Abbas/Abas, نصر/Nasr/Naser, بدوي/Badawi/Badawy, الزهراني/Zahrani/Al-Zahrani, فرحات/Farhat/Ferhat, غانم/Ghanem/Ghanim, مراد/Murad/Mourad, طاهر/Taher/Tahir, حمدان/Hamdan/Hamdane, بركات/Barakat/Barakaat, عثمان/Othman/Osman/Uthman',
    ),
  },
  {
    female: names(
      'प्रिया/Priya/Pria, अनीता/Anita/Aneeta, सुनीता/Sunita/Suneeta, पूजा/Pooja/Puja, कविता/Kavita/Kavitha, नेहा/Neha, दीपा/Deepa/Dipa, रेखा/Rekha, मीना/Meena/Mina, लक्ष्मी/Lakshmi/Laxmi, गीता/Geeta/Gita, शांति/Shanti/Shanthi',
    ),
    male: names(
      'राजेश/Rajesh, अमित/Amit/Ameet, सुरेश/Suresh, विजय/Vijay, संजय/Sanjay, रवि/Ravi, अनिल/Anil, दीपक/Deepak/Dipak, मनोज/Manoj, अरुण/Arun, गणेश/Ganesh, कृष्ण/Krishna/Krishan',
    ),
    family: names(
      'शर्मा/Sharma/Sarma, गुप्ता/Gupta, वर्मा/Verma/Varma, सिंह/Singh, पटेल/Patel, कुमार/Kumar, मिश्रा/Mishra/Misra, यादव/Yadav, जोशी/Joshi, मेहता/Mehta, चौहान/Chauhan/Chohan, अग्रवाल/Agrawal/Agarwal/Aggarwal, तिवारी/Tiwari/Tewari, पांडे/Pandey/Pande, राठौर/Rathore/Rathor, चौधरी/Chaudhary/Choudhary/Chowdhury, नायर/Nair, देसाई/Desai, कपूर/Kapoor/Kapur, मल्होत्रा/Malhotra',
    ),
  },
  {
    female: names(
      'Екатерина/Ekaterina/Yekaterina/Katerina, Мария/Maria/Mariya, Анна/Anna, Ольга/Olga, Наталья/Natalia/Natalya, Татьяна/Tatiana/Tatyana, Юлия/Yulia/Julia/Yuliya, Светлана/Svetlana, Ксения/Ksenia/Xenia/Kseniya, Людмила/Lyudmila/Ludmila, Евгения/Evgenia/Yevgeniya, Дарья/Daria/Darya',
    ),
    male: names(
      'Александр/Alexander/Aleksandr, Дмитрий/Dmitry/Dmitri/Dmitriy, Сергей/Sergey/Sergei, Алексей/Alexey/Aleksei/Alexei, Михаил/Mikhail/Michail, Николай/Nikolai/Nikolay, Юрий/Yuri/Yury/Iurii, Андрей/Andrey/Andrei, Евгений/Evgeny/Yevgeny/Evgenii, Фёдор/Fyodor/Fedor, Василий/Vasily/Vasiliy/Vassili, Игорь/Igor',
    ),
    family: names(
      'Иваненко/Ivanenko, Петренко/Petrenko, Щербак/Shcherbak/Scherbak, Кузьменко/Kuzmenko, Бондаренко/Bondarenko, Шевчук/Shevchuk/Shevtchuk, Ткаченко/Tkachenko, Мельник/Melnik/Melnyk, Коваль/Koval, Жук/Zhuk/Juk, Гончар/Gonchar/Honchar, Левченко/Levchenko, Руденко/Rudenko, Савченко/Savchenko, Зайченко/Zaichenko/Zaychenko, Хоменко/Khomenko/Homenko, Чайка/Chaika/Chayka, Белоус/Belous, Цой/Tsoi/Tsoy/Choi, Яковенко/Yakovenko/Iakovenko',
    ),
  },
  {
    female: names(
      'ሳባ/Saba, ሃና/Hana/Hanna, ሊያ/Lia/Liya, ማርታ/Marta/Martha, አስቴር/Aster/Ester, ትዕግስት/Tigist/Tigest, ሰላም/Selam/Selamawit, ብርሃነሽ/Birhanesh/Berhanesh, መሰረት/Meseret/Messeret, ራሄል/Rahel/Rachel, ዘውዲቱ/Zewditu/Zewdito, አልማዝ/Almaz',
    ),
    male: names(
      'አበበ/Abebe, ከበደ/Kebede, ተስፋዬ/Tesfaye/Tesfay, ዳዊት/Dawit/David, ሙሉጌታ/Mulugeta/Mulugetta, ግርማ/Girma/Ghirma, ታደሰ/Tadesse/Tadese, ዮሐንስ/Yohannes/Yohanes/Johannes, ሳሙኤል/Samuel, ብርሃኑ/Birhanu/Berhanu, ኃይሉ/Hailu/Haylu, ፀጋዬ/Tsegaye/Tsegay',
    ),
    family: names(
      'ገብረማርያም/Gebremariam/Gebre Mariam/Ghebremariam, ወልደሚካኤል/Woldemichael/Weldemikael, ኃይለማርያም/Hailemariam/Haile Mariam, በቀለ/Bekele/Beqele, ደምሴ/Demissie/Demisse, አለሙ/Alemu, መኮንን/Mekonnen/Makonnen, ተክለ/Tekle, ዘለቀ/Zeleke, አሰፋ/Assefa/Asefa, ወርቁ/Worku/Werku, ሽፈራው/Shiferaw/Shiferaw, ጌታቸው/Getachew, ንጉሴ/Negussie/Nigusse, ደስታ/Desta, ለማ/Lemma/Lema, ገብሬ/Gebre/Ghebre, አየለ/Ayele, ታምራት/Tamrat/Tamerat, በላይ/Belay/Belaye',
    ),
  },
  {
    familyFirst: true,
    joined: true,
    female: names(
      '小红/Xiaohong/Xiao Hong, 丽/Li, 美玲/Meiling/Mei Ling, 雪/Xue, 芳/Fang, 静/Jing, 秀英/Xiuying/Xiu Ying, 玉兰/Yulan/Yu Lan, 婷婷/Tingting/Ting Ting, 敏/Min, 燕/Yan, 海燕/Haiyan/Hai Yan',
    ),
    male: names(
      '伟/Wei, 小明/Xiaoming/Xiao Ming, 建国/Jianguo/Jian Guo, 强/Qiang, 军/Jun, 志强/Zhiqiang/Zhi Qiang, 文/Wen, 海涛/Haitao/Hai Tao, 国栋/Guodong/Guo Dong, 鹏/Peng, 天宇/Tianyu/Tian Yu, 浩/Hao',
    ),
    family: names(
      '王/Wang, 李/Li, 张/Zhang, 刘/Liu, 陈/Chen, 杨/Yang, 赵/Zhao, 黄/Huang, 周/Zhou, 吴/Wu, 徐/Xu, 孙/Sun, 马/Ma, 胡/Hu, 郭/Guo, 何/He, 林/Lin, 罗/Luo, 郑/Zheng, 梁/Liang',
    ),
  },
  {
    female: names(
      'María/Maria, José María/Jose Maria, Ana/Anna, Françoise/Francoise, Chloé/Chloe, Siobhán/Siobhan, Zoë/Zoe, Ángela/Angela, Inês/Ines, Jürgena/Juergena, Sofía/Sofia/Sophia, Catherine/Katherine/Kathryn',
    ),
    male: names(
      'José/Jose, Jürgen/Jurgen/Juergen, François/Francois, Łukasz/Lukasz, Søren/Soren/Soeren, Ángel/Angel, João/Joao, Philippe/Phillip/Philip, Stéphane/Stephane, Björn/Bjorn/Bjoern, Andrés/Andres, Thomas/Tomas',
    ),
    family: names(
      'Müller/Mueller/Muller, García/Garcia, Núñez/Nunez, O’Connor/O Connor/OConnor, Sørensen/Sorensen/Soerensen, Gonçalves/Goncalves, Wiśniewski/Wisniewski, Mendoza/Mendosa, Schmidt/Schmitt/Schmid, Fernández/Fernandez, Lefèvre/Lefevre/Lefebvre, Stephenson/Stevenson, Nguyễn/Nguyen, Yılmaz/Yilmaz, Adébáyò/Adebayo, Okonkwo, Chukwuemeka, Mbeki, Papadopoulos/Papadopulos, Ionescu/Jonescu',
    ),
  },
]

interface Person {
  person: number
  culture: Culture
  given: Written
  /** A second name, of the father or of one's own. */
  second: Written | undefined
  family: Written
  birthDate: string
  gender: 'female' | 'male'
  phone: string | null
}

/** `people` of them, and as many registrations more as the share says. The same seed gives the same set. */
export function registeredTwice({
  people,
  seed,
  share = 0.2,
}: {
  people: number
  seed: number
  share?: number
}): Registration[] {
  const dice = random(seed)
  const all: Person[] = []
  while (all.length < people) all.push(...household(dice, all.length))
  const first = all.slice(0, people).map((one) => register(one, written(one, dice, dice() < 0.5)))
  const again = all.slice(0, people).flatMap((one) => (dice() < share ? [registerAgain(one, dice)] : []))
  return [...first, ...again]
}

/** Somebody alone, or a family that shares a name and a phone: twins, brothers and sisters, a son with his father's name. */
function household(dice: Dice, person: number): Person[] {
  const head = somebody(dice, person)
  const like = (n: number, change: Partial<Person>): Person => ({
    ...somebody(dice, person + n, head.culture),
    family: head.family,
    second: head.second,
    phone: head.phone,
    ...change,
  })
  const lot = dice()
  if (lot < 0.03) {
    const twin = like(1, { birthDate: head.birthDate })
    return twin.given === head.given ? [head] : [head, twin]
  }
  if (lot < 0.15)
    return [head, like(1, {}), like(2, {})]
      .filter((one, i, list) => list.findIndex(({ given }) => given === one.given) === i)
      .map((one, i) => ({ ...one, person: person + i }))
  if (lot < 0.155) return [head, like(1, { given: head.given, gender: head.gender })]
  return [head]
}

function somebody(dice: Dice, person: number, culture: Culture = pick(dice, CULTURES)): Person {
  const gender = dice() < 0.5 ? 'female' : 'male'
  return {
    ...{ person, culture, gender, given: pick(dice, culture[gender]), family: pick(dice, culture.family) },
    second: !culture.joined && dice() < 0.4 ? pick(dice, culture.male) : undefined,
    birthDate: aDay(dice),
    phone: dice() < 0.85 ? aPhone(dice) : null,
  }
}

/** One in twenty is the first of January, which stands for a day that nobody knows. */
function aDay(dice: Dice): string {
  const from = Date.UTC(1935, 0, 1)
  const day = new Date(from + dice() * (Date.UTC(2025, 0, 1) - from)).toISOString().slice(0, 10)
  return dice() < 0.05 ? `${day.slice(0, 4)}-01-01` : day
}

const aPhone = (dice: Dice) => `+25191${String(Math.floor(dice() * 10_000_000)).padStart(7, '0')}`

function written({ culture, given, second, family }: Person, dice: Dice, atHome: boolean): string {
  const write = ([home, ...latin]: Written) => (atHome || latin.length === 0 ? home : pick(dice, latin))
  const [one, other] = [second ? `${write(given)} ${write(second)}` : write(given), write(family)]
  if (!culture.familyFirst) return `${one} ${other}`
  return atHome && culture.joined ? `${other}${one}` : dice() < 0.5 ? `${other} ${one}` : `${one} ${other}`
}

const register = ({ person, birthDate, gender, phone }: Person, name: string): Registration => ({
  person,
  name,
  birthDate,
  gender,
  phone,
})

/** What happens when somebody is registered who is there already. */
function registerAgain(one: Person, dice: Dice): Registration {
  const happens = (share: number) => dice() < share
  let name = written(happens(0.25) ? { ...one, second: undefined } : one, dice, happens(0.4))
  if (happens(0.15)) name = name.split(' ').reverse().join(' ')
  if (happens(0.04)) name = `${name} ${pick(dice, one.culture[one.gender])[1] ?? ''}`.trim()
  if (happens(0.12)) name = mistyped(name, dice)
  const again = register(one, name)
  const slip = dice()
  if (slip < 0.07) again.birthDate = swapped(again.birthDate)
  else if (slip < 0.14) again.birthDate = digitOff(again.birthDate, dice)
  if (happens(0.35)) again.phone = happens(0.6) ? aPhone(dice) : null
  if (happens(0.01)) again.gender = again.gender === 'female' ? 'male' : 'female'
  return again
}

/** One letter left out, put in twice, changed, or changed places with the next. */
function mistyped(name: string, dice: Dice): string {
  const letters = [...name]
  const at = 1 + Math.floor(dice() * (letters.length - 2))
  const [letter = '', next = ''] = [letters[at], letters[at + 1]]
  const slips = [[next], [letter, letter, next], [pick(dice, letters), next], [next, letter]]
  letters.splice(at, 2, ...pick(dice, slips))
  return letters.join('').trim()
}

function swapped(date: string): string {
  const [year, month, day] = date.split('-')
  return Number(day) <= 12 ? `${year}-${day}-${month}` : date
}

function digitOff(date: string, dice: Dice): string {
  for (;;) {
    const at = pick(dice, [3, 6, 8, 9])
    const off = `${date.slice(0, at)}${Math.floor(dice() * 10)}${date.slice(at + 1)}`
    const day = new Date(`${off}T00:00:00Z`)
    if (off !== date && !Number.isNaN(day.getTime()) && day.toISOString().startsWith(off) && off < '2026') return off
  }
}

/** Pairs of positions in the list that are one person. */
export function truth(list: readonly Registration[]): Set<string> {
  const first = new Map<number, number>()
  const pairs = new Set<string>()
  for (const [i, { person }] of list.entries()) {
    const earlier = first.get(person)
    if (earlier === undefined) first.set(person, i)
    else pairs.add(`${earlier} ${i}`)
  }
  return pairs
}
