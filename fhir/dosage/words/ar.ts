import type { Words } from './en.ts'

export const ar: Words = {
  comma: '، ',
  semicolon: '؛ ',
  together: '{all}؛ و{next}',
  inTurn: '{all}؛ ثم {next}',
  range: '{low} إلى {high}',
  'unit.ug':
    '{n, plural, zero {{amount} ميكروغرام} one {{amount} ميكروغرام} two {{amount} ميكروغرام} few {{amount} ميكروغرامات} many {{amount} ميكروغرامًا} other {{amount} ميكروغرام}}',
  'unit.mg': '{amount} مليغرام',
  'unit.g': '{amount} غرام',
  'unit.mL': '{amount} مليلتر',
  'unit.[iU]':
    '{n, plural, zero {{amount} وحدة} one {{amount} وحدة} two {{amount} وحدة} few {{amount} وحدات} many {{amount} وحدة} other {{amount} وحدة}}',
  'unit.mmol': '{amount} مليمول',
  'form.tablet':
    '{n, plural, zero {{amount} قرص} one {{amount} قرص} two {{amount} قرص} few {{amount} أقراص} many {{amount} قرصًا} other {{amount} قرص}}',
  'form.capsule':
    '{n, plural, zero {{amount} كبسولة} one {{amount} كبسولة} two {{amount} كبسولة} few {{amount} كبسولات} many {{amount} كبسولة} other {{amount} كبسولة}}',
  'form.drop':
    '{n, plural, zero {{amount} قطرة} one {{amount} قطرة} two {{amount} قطرة} few {{amount} قطرات} many {{amount} قطرة} other {{amount} قطرة}}',
  'form.puff':
    '{n, plural, zero {{amount} استنشاقة} one {{amount} استنشاقة} two {{amount} استنشاقة} few {{amount} استنشاقات} many {{amount} استنشاقة} other {{amount} استنشاقة}}',
  'form.spray':
    '{n, plural, zero {{amount} بخة} one {{amount} بخة} two {{amount} بخة} few {{amount} بخات} many {{amount} بخة} other {{amount} بخة}}',
  'form.suppository':
    '{n, plural, zero {{amount} تحميلة} one {{amount} تحميلة} two {{amount} تحميلة} few {{amount} تحاميل} many {{amount} تحميلة} other {{amount} تحميلة}}',
  'form.patch':
    '{n, plural, zero {{amount} لصقة} one {{amount} لصقة} two {{amount} لصقة} few {{amount} لصقات} many {{amount} لصقة} other {{amount} لصقة}}',
  'span.hour':
    '{n, plural, zero {{count} ساعة} one {{count} ساعة} two {ساعتين} few {{count} ساعات} many {{count} ساعة} other {{count} ساعة}}',
  'span.day':
    '{n, plural, zero {{count} يوم} one {{count} يوم} two {يومين} few {{count} أيام} many {{count} يومًا} other {{count} يوم}}',
  'span.week':
    '{n, plural, zero {{count} أسبوع} one {{count} أسبوع} two {أسبوعين} few {{count} أسابيع} many {{count} أسبوعًا} other {{count} أسبوع}}',
  'span.month':
    '{n, plural, zero {{count} شهر} one {{count} شهر} two {شهرين} few {{count} أشهر} many {{count} شهرًا} other {{count} شهر}}',
  once: 'جرعة واحدة فقط',
  times:
    '{how, select, once {مرة واحدة} twice {مرتين} other {{n, plural, zero {{count} مرة} one {{count} مرة} two {{count} مرة} few {{count} مرات} many {{count} مرة} other {{count} مرة}}}}',
  frequency: '{times} {each}',
  'each.hour': 'في الساعة',
  'each.day': 'في اليوم',
  'each.week': 'في الأسبوع',
  'each.month': 'في الشهر',
  'every.hour': 'كل {span}',
  'every.day': 'كل {span}',
  'every.week': 'كل {span}',
  'every.month': 'كل {span}',
  at: 'في الأوقات: {times}',
  'when.waking': 'بعد الاستيقاظ',
  'when.morning': 'صباحًا',
  'when.noon': 'ظهرًا',
  'when.afternoon': 'بعد الظهر',
  'when.evening': 'مساءً',
  'when.night': 'أثناء الليل',
  'when.bedtime': 'عند النوم',
  days: 'في الأيام: {days}',
  'food.before': 'قبل الأكل',
  'food.with': 'مع الأكل',
  'food.after': 'بعد الأكل',
  asNeeded: 'عند الحاجة فقط',
  asNeededFor: 'عند الحاجة فقط، من أجل: {reason}',
  for: 'لمدة {span}',
  from: 'ابتداءً من {day}',
  until: 'حتى نهاية {day}',
  most: 'بما لا يزيد على {amount} خلال {span}',
  perKilogram: 'محسوبة حسب وزن الجسم، {amount} لكل كيلوغرام',
  'route.oral': 'عن طريق الفم',
  'route.sublingual': 'تذاب تحت اللسان',
  'route.inhaled': 'بالاستنشاق',
  'route.nasal': 'في الأنف',
  'route.eye': 'في العين',
  'route.ear': 'في الأذن',
  'route.skin': 'على الجلد',
  'route.transdermal': 'تلصق على الجلد',
  'route.rectal': 'في المستقيم',
  'route.vaginal': 'في المهبل',
  'route.subcutaneous': 'حقنًا تحت الجلد',
  'route.intramuscular': 'حقنًا في العضل',
  'route.intravenous': 'حقنًا في الوريد',
}
