import type { Words } from './words.ts'

export const ar: Words = {
  messages: {
    'appointment-booked.patient': {
      title: 'تم حجز موعد',
      text: 'موعدكم مع {practitioner}: {when}{where}.',
      short: 'لديكم موعد: {when}.',
    },
    'appointment-booked.caregiver': {
      title: 'تم حجز موعد',
      text: 'موعد {patient} مع {practitioner}: {when}{where}.',
      short: 'لدى شخص ترعونه موعد: {when}.',
    },
    'appointment-booked.practitioner': {
      title: 'موعد جديد',
      text: 'لدى {patient} موعد معكم: {when}{where}.',
      mail: 'تم حجز موعد معكم: {when}{where}. سجّلوا الدخول لمعرفة مع من.',
      short: 'تم حجز موعد معكم: {when}.',
    },
    'appointment-rescheduled.patient': {
      title: 'تم تغيير الموعد',
      text: 'تم تغيير موعدكم مع {practitioner}. الموعد الآن: {when}{where}.',
      short: 'تم تغيير موعدكم. الموعد الآن: {when}.',
    },
    'appointment-rescheduled.caregiver': {
      title: 'تم تغيير الموعد',
      text: 'تم تغيير موعد {patient} مع {practitioner}. الموعد الآن: {when}{where}.',
      short: 'تم تغيير موعد شخص ترعونه. الموعد الآن: {when}.',
    },
    'appointment-rescheduled.practitioner': {
      title: 'تم تغيير الموعد',
      text: 'تم تغيير موعد {patient} معكم. الموعد الآن: {when}{where}.',
      mail: 'تم تغيير موعد معكم. الموعد الآن: {when}{where}. سجّلوا الدخول لمعرفة مع من.',
      short: 'تم تغيير موعد معكم. الموعد الآن: {when}.',
    },
    'appointment-cancelled.patient': {
      title: 'تم إلغاء الموعد',
      text: 'تم إلغاء موعدكم مع {practitioner}: {when}.',
      short: 'تم إلغاء موعدكم: {when}.',
    },
    'appointment-cancelled.caregiver': {
      title: 'تم إلغاء الموعد',
      text: 'تم إلغاء موعد {patient} مع {practitioner}: {when}.',
      short: 'تم إلغاء موعد شخص ترعونه: {when}.',
    },
    'appointment-cancelled.practitioner': {
      title: 'تم إلغاء الموعد',
      text: 'تم إلغاء موعد {patient} معكم: {when}.',
      mail: 'تم إلغاء موعد معكم: {when}. سجّلوا الدخول لمعرفة مع من.',
      short: 'تم إلغاء موعد معكم: {when}.',
    },
    'appointment-reminder.patient': {
      title: 'اقترب موعدكم',
      text: 'موعدكم مع {practitioner}: {when}{where}. إن تعذّر حضوركم فيُرجى إلغاؤه ليستفيد منه غيركم.',
      short: 'موعدكم: {when}. إن تعذّر حضوركم فيُرجى إلغاؤه.',
    },
    'appointment-reminder.caregiver': {
      title: 'هناك موعد قريب',
      text: 'موعد {patient} مع {practitioner}: {when}{where}. إن تعذّر الحضور فيُرجى إلغاؤه ليستفيد منه شخص آخر.',
      short: 'لدى شخص ترعونه موعد: {when}. إن تعذّر الحضور فيُرجى إلغاؤه.',
    },
    'appointments-reminder.patient': {
      title: 'اقتربت مواعيدكم',
      text: 'لديكم {count, plural, zero {# موعد} one {موعد واحد} two {موعدان} few {# مواعيد} many {# موعدًا} other {# موعد}}:\n{list}\nإن تعذّر حضوركم فيُرجى الإلغاء ليستفيد منه غيركم.',
      short:
        'لديكم {count, plural, zero {# موعد} one {موعد واحد} two {موعدان} few {# مواعيد} many {# موعدًا} other {# موعد}}، أولها: {when}.',
    },
    'appointments-reminder.caregiver': {
      title: 'هناك مواعيد قريبة',
      text: 'لدى {patient} {count, plural, zero {# موعد} one {موعد واحد} two {موعدان} few {# مواعيد} many {# موعدًا} other {# موعد}}:\n{list}\nإن تعذّر الحضور فيُرجى الإلغاء ليستفيد منه شخص آخر.',
      short:
        'لدى شخص ترعونه {count, plural, zero {# موعد} one {موعد واحد} two {موعدان} few {# مواعيد} many {# موعدًا} other {# موعد}}، أولها: {when}.',
    },
    'appointments-booked.patient': {
      title: 'حُجزت المواعيد',
      text: 'لديكم مع {practitioner}: {count, plural, zero {# موعد} one {موعد واحد} two {موعدان} few {# مواعيد} many {# موعدًا} other {# موعد}}.\n{times}',
      short:
        'لديكم {count, plural, zero {# موعد} one {موعد واحد} two {موعدان} few {# مواعيد} many {# موعدًا} other {# موعد}}، أولها: {when}.',
    },
    'appointments-booked.caregiver': {
      title: 'حُجزت المواعيد',
      text: 'لدى {patient} مع {practitioner}: {count, plural, zero {# موعد} one {موعد واحد} two {موعدان} few {# مواعيد} many {# موعدًا} other {# موعد}}.\n{times}',
      short:
        'لدى شخص ترعونه {count, plural, zero {# موعد} one {موعد واحد} two {موعدان} few {# مواعيد} many {# موعدًا} other {# موعد}}، أولها: {when}.',
    },
    'appointments-booked.practitioner': {
      title: 'مواعيد جديدة',
      text: 'لدى {patient} معكم: {count, plural, zero {# موعد} one {موعد واحد} two {موعدان} few {# مواعيد} many {# موعدًا} other {# موعد}}.\n{times}',
      mail: 'حُجز معكم: {count, plural, zero {# موعد} one {موعد واحد} two {موعدان} few {# مواعيد} many {# موعدًا} other {# موعد}}.\n{times}\nسجّلوا الدخول لمعرفة مع من.',
      short:
        'حُجز معكم: {count, plural, zero {# موعد} one {موعد واحد} two {موعدان} few {# مواعيد} many {# موعدًا} other {# موعد}}، أولها: {when}.',
    },
    'appointments-rescheduled.patient': {
      title: 'تغيّرت المواعيد',
      text: 'تغيّر مع {practitioner}: {count, plural, zero {# موعد} one {موعد واحد} two {موعدان} few {# مواعيد} many {# موعدًا} other {# موعد}}. المواعيد الآن:\n{times}',
      short:
        'تغيّر: {count, plural, zero {# موعد} one {موعد واحد} two {موعدان} few {# مواعيد} many {# موعدًا} other {# موعد}}. أولها الآن: {when}.',
    },
    'appointments-rescheduled.caregiver': {
      title: 'تغيّرت المواعيد',
      text: 'تغيّر لـ {patient} مع {practitioner}: {count, plural, zero {# موعد} one {موعد واحد} two {موعدان} few {# مواعيد} many {# موعدًا} other {# موعد}}. المواعيد الآن:\n{times}',
      short:
        'تغيّر لشخص ترعونه: {count, plural, zero {# موعد} one {موعد واحد} two {موعدان} few {# مواعيد} many {# موعدًا} other {# موعد}}. أولها الآن: {when}.',
    },
    'appointments-rescheduled.practitioner': {
      title: 'تغيّرت المواعيد',
      text: 'تغيّر لـ {patient} معكم: {count, plural, zero {# موعد} one {موعد واحد} two {موعدان} few {# مواعيد} many {# موعدًا} other {# موعد}}. المواعيد الآن:\n{times}',
      mail: 'تغيّر معكم: {count, plural, zero {# موعد} one {موعد واحد} two {موعدان} few {# مواعيد} many {# موعدًا} other {# موعد}}. المواعيد الآن:\n{times}\nسجّلوا الدخول لمعرفة مع من.',
      short:
        'تغيّر معكم: {count, plural, zero {# موعد} one {موعد واحد} two {موعدان} few {# مواعيد} many {# موعدًا} other {# موعد}}. أولها الآن: {when}.',
    },
    'appointments-cancelled.patient': {
      title: 'أُلغيت المواعيد',
      text: 'أُلغي مع {practitioner}: {count, plural, zero {# موعد} one {موعد واحد} two {موعدان} few {# مواعيد} many {# موعدًا} other {# موعد}}.\n{times}',
      short:
        'أُلغي: {count, plural, zero {# موعد} one {موعد واحد} two {موعدان} few {# مواعيد} many {# موعدًا} other {# موعد}}، أولها: {when}.',
    },
    'appointments-cancelled.caregiver': {
      title: 'أُلغيت المواعيد',
      text: 'أُلغي لـ {patient} مع {practitioner}: {count, plural, zero {# موعد} one {موعد واحد} two {موعدان} few {# مواعيد} many {# موعدًا} other {# موعد}}.\n{times}',
      short:
        'أُلغي لشخص ترعونه: {count, plural, zero {# موعد} one {موعد واحد} two {موعدان} few {# مواعيد} many {# موعدًا} other {# موعد}}، أولها: {when}.',
    },
    'appointments-cancelled.practitioner': {
      title: 'أُلغيت المواعيد',
      text: 'أُلغي لـ {patient} معكم: {count, plural, zero {# موعد} one {موعد واحد} two {موعدان} few {# مواعيد} many {# موعدًا} other {# موعد}}.\n{times}',
      mail: 'أُلغي معكم: {count, plural, zero {# موعد} one {موعد واحد} two {موعدان} few {# مواعيد} many {# موعدًا} other {# موعد}}.\n{times}\nسجّلوا الدخول لمعرفة مع من.',
      short:
        'أُلغي معكم: {count, plural, zero {# موعد} one {موعد واحد} two {موعدان} few {# مواعيد} many {# موعدًا} other {# موعد}}، أولها: {when}.',
    },
    'waitlist-offer.patient': {
      title: 'أصبح هناك وقت متاح',
      text: 'يمكنكم الحصول على موعد مع {practitioner}: {when}{where}. الوقت محجوز لكم حتى: {until}. يُرجى الرد بنعم أو لا قبل ذلك.',
    },
    'waitlist-offer.caregiver': {
      title: 'أصبح هناك وقت متاح',
      text: 'يمكن أن يحصل {patient} على موعد مع {practitioner}: {when}{where}. الوقت محجوز حتى: {until}. يُرجى الرد بنعم أو لا قبل ذلك.',
    },
    'mandate-granted.patient': {
      title: 'لقد عرضتم تفويضًا',
      text: 'سيكون بإمكان {caregiver} التصرف نيابة عنكم فور قبول التفويض. يمكنكم سحبه في أي وقت.',
    },
    'mandate-granted.caregiver': {
      title: 'طُلب منكم التصرف نيابة عن شخص',
      text: 'يطلب {patient} منكم التصرف بالنيابة. اطّلعوا في التفويض على ما يسمح به وعلى مدته، ثم اقبلوه أو ارفضوه.',
    },
    'mandate-accepted.patient': {
      title: 'تم قبول تفويضكم',
      text: 'يمكن الآن أن يتصرف {caregiver} نيابة عنكم. يمكنكم سحب التفويض في أي وقت.',
    },
    'mandate-accepted.caregiver': {
      title: 'لديكم تفويض',
      text: 'يمكنكم الآن التصرف نيابة عن {patient}.',
    },
    'mandate-ending.patient': {
      title: 'ينتهي تفويض قريبًا',
      text: 'يمكن أن يتصرف {caregiver} نيابة عنكم بضعة أسابيع أخرى. إن كان ذلك لا يزال مناسبًا فامنحوا تفويضًا جديدًا.',
    },
    'mandate-ending.caregiver': {
      title: 'ينتهي تفويض قريبًا',
      text: 'يمكنكم التصرف نيابة عن {patient} بضعة أسابيع أخرى. إن كان ذلك لا يزال مناسبًا فيمكن منحكم تفويضًا جديدًا؛ ومن يبلغ سن الرشد يقرر ذلك بنفسه.',
    },
    'mandate-revoked.patient': {
      title: 'انتهى تفويض',
      text: 'لم يعد بإمكان {caregiver} التصرف نيابة عنكم.',
    },
    'mandate-revoked.caregiver': {
      title: 'انتهى تفويض',
      text: 'لم يعد بإمكانكم التصرف نيابة عن {patient}.',
    },
    'record-opened.patient': {
      title: 'فُتح سجلكم في حالة طارئة',
      text: 'فتح {practitioner} سجلكم في حالة طارئة لمدة أربع ساعات. ستراجع الإدارة ذلك؛ وإن رأيتم أنه لم يكن صحيحًا فأخبروها.',
      mail: 'فُتح سجلكم في حالة طارئة لمدة أربع ساعات. سجّلوا الدخول لمعرفة من فتحه. ستراجع الإدارة ذلك.',
    },
    'record-opened.caregiver': {
      title: 'فُتح سجل في حالة طارئة',
      text: 'فتح {practitioner} سجل {patient} في حالة طارئة لمدة أربع ساعات. ستراجع الإدارة ذلك.',
      mail: 'فُتح سجل شخص ترعونه في حالة طارئة لمدة أربع ساعات. سجّلوا الدخول لمعرفة سجل من. ستراجع الإدارة ذلك.',
    },
    'record-merged.patient': {
      title: 'تم دمج سجلكم مع سجل آخر',
      text: 'وجدت الإدارة أن سجلين يعودان لشخص واحد، هو أنتم، فدمجتهما. إن رأيتم أن هذا خطأ فأخبروا الإدارة: يمكن التراجع عنه.',
    },
    'record-merged.caregiver': {
      title: 'تم دمج سجل مع سجل آخر',
      text: 'وجدت الإدارة أن سجلين يعودان لشخص واحد ترعونه، فدمجتهما. إن رأيتم أن هذا خطأ فأخبروا الإدارة: يمكن التراجع عنه.',
    },
    'record-unmerged.patient': {
      title: 'تم فصل سجلكم عن سجل آخر',
      text: 'كان سجلان قد دُمجا، وفصلتهما الإدارة من جديد. راجعوا سجلكم؛ وإن كان فيه ما ليس لكم أو كان فيه نقص فأخبروا الإدارة.',
    },
    'record-unmerged.caregiver': {
      title: 'تم فصل سجل عن سجل آخر',
      text: 'كان سجلان، أحدهما لشخص ترعونه، قد دُمجا، وفصلتهما الإدارة من جديد. إن كان هناك نقص فأخبروا الإدارة.',
    },
    'licence-verified.practitioner': {
      title: 'تم التحقق من الترخيص',
      text: 'تم التحقق من ترخيصكم. يمكنكم الآن عرض المواعيد.',
    },
    'licence-rejected.practitioner': {
      title: 'لم يُقبل الترخيص',
      text: 'تعذّر التحقق من ترخيصكم. اطّلعوا عليه لمعرفة السبب، ثم أرسلوه من جديد.',
    },
    'licence-revoked.practitioner': {
      title: 'تم سحب الترخيص',
      text: 'لم يعد ترخيصكم مقبولًا، فلا يمكنكم مزاولة العمل هنا بموجبه. اطّلعوا عليه لمعرفة السبب، واسألوا الإدارة إن رأيتم أن هذا خطأ.',
    },
    'licence-ending.practitioner': {
      title: 'ينتهي ترخيصكم قريبًا',
      text: 'ينتهي ترخيصكم خلال {days, plural, zero {# يوم} one {يوم واحد} two {يومين} few {# أيام} many {# يومًا} other {# يوم}}. أضيفوا الترخيص الجديد مع شهادته؛ وبدونه لن تُعرضوا بعد ذلك على أحد.',
    },
    'message.patient': {
      title: 'رسالة لكم',
      text: '{written}',
      mail: 'كتب إليكم من يعالجكم. سجّلوا الدخول لقراءتها.',
      short: 'لديكم رسالة.',
    },
    'message.caregiver': {
      title: 'رسالة بشأن شخص ترعونه',
      text: '{written}',
      mail: 'كتب من يعالج شخصًا ترعونه. سجّلوا الدخول لقراءتها.',
      short: 'هناك رسالة بشأن شخص ترعونه.',
    },
    'announcement.person': {
      title: 'إعلان',
      text: '{written}',
      mail: 'هناك إعلان. سجّلوا الدخول لقراءته.',
      short: 'هناك إعلان.',
    },
    'thread-message.patient': {
      title: 'رسالة بشأن زيارتكم',
      text: 'كتب إليكم أحدهم بشأن زيارتكم. سجّلوا الدخول لقراءتها.',
      short: 'هناك رسالة بشأن زيارتكم.',
    },
    'thread-message.caregiver': {
      title: 'رسالة بشأن شخص ترعونه',
      text: 'كتب أحدهم بشأن زيارة شخص ترعونه. سجّلوا الدخول لقراءتها.',
      short: 'هناك رسالة بشأن شخص ترعونه.',
    },
    'thread-message.practitioner': {
      title: 'رسالة من مريض',
      text: 'كتب إليكم أحد المرضى بشأن زيارة. سجّلوا الدخول لقراءتها.',
      short: 'هناك رسالة من مريض.',
    },
    'care-task.patient': {
      title: 'حان وقت أمر في خطة رعايتكم',
      text: 'حان وقت أمر في خطة رعايتكم. سجّلوا الدخول لمعرفته وللإفادة بأنه تم.',
      short: 'حان وقت أمر في خطة رعايتكم.',
    },
    'care-task.caregiver': {
      title: 'حان وقت أمر تقومون به لشخص ترعونه',
      text: 'حان وقت أمر تقومون به لشخص ترعونه. سجّلوا الدخول لمعرفته وللإفادة بأنه تم.',
      short: 'حان وقت أمر تقومون به لشخص ترعونه.',
    },
    'care-task.practitioner': {
      title: 'حان وقت أمر في خطة رعاية مريض',
      text: 'حان وقت أمر تقومون به في خطة رعاية مريض. سجّلوا الدخول لمعرفته وللإفادة بأنه تم.',
      short: 'حان وقت أمر في خطة رعاية مريض.',
    },
    'care-plan-review.practitioner': {
      title: 'خطة علاج تحتاج إلى مراجعة',
      text: 'حلّ اليوم الذي أردتم فيه مراجعة خطة علاج. سجّلوا الدخول لمعرفة أيّها.',
    },
    'webhook-disabled.administrator': {
      title: 'أُوقف خطاف ويب',
      text: '{reason, select, gone {أفاد {host} بأنه لا يريد مزيدًا من الإشعارات} other {لم يقبل {host} أي إشعار منذ خمسة أيام}}، لذلك لم يعد يتلقى شيئًا. أعيدوا تشغيله عندما يعمل، ثم أعيدوا إرسال ما تُرك.',
    },
    'erasure-requested.person': {
      title: 'طُلب محو البيانات',
      text: 'سيُمحى ما هو معروف عنكم هنا. إن لم تريدوا ذلك فسجّلوا الدخول وألغوا الطلب.',
    },
    'erasure-claimed.person': {
      title: 'طُلب محو سجلكم',
      text: 'بتاريخ {created}، قبل أن تتولوا سجلكم هنا، طلبت الإدارة محوه. سيتم ذلك بتاريخ {due}. إن لم تريدوا ذلك فسجّلوا الدخول وألغوا الطلب؛ وإن أردتموه فيمكنكم تأكيده.',
    },
    'export-ready.person': {
      title: 'نسختكم جاهزة',
      text: 'يمكن تنزيل ما طلبتموه خلال بضعة أيام. سجّلوا الدخول للقيام بذلك.',
    },
    'password-changed.person': {
      title: 'تم تغيير كلمة المرور',
      text: 'تم تسجيل خروجكم من كل مكان آخر. إن لم تكونوا أنتم من فعل ذلك فادخلوا برمز أو بمفتاح مرور، واختاروا كلمة مرور أخرى، وراجعوا مفاتيح المرور والجلسات.',
    },
    'texts-stopped.person': {
      title: 'أُوقفت الرسائل النصية إلى هاتفكم',
      text: 'كتب شخص {stopWord} من الهاتف المذكور في حسابكم، فلم تعد تُرسل إليه رسائل نصية عن الرعاية، لأي ممن يستعملونه. كلمة {startWord} من ذلك الهاتف تعيدها. كل شيء ما زال موجودًا هنا.',
    },
    'texts-started.person': {
      title: 'عادت الرسائل النصية إلى هاتفكم',
      text: 'كتب شخص {startWord} من الهاتف المذكور في حسابكم، فعادت الرسائل النصية عن الرعاية تُرسل إليه.',
    },
  },
  phrases: {
    when: '{time} ({zone})',
    'when-both': '{time} ({zone}؛ عندكم {own}، {ownZone})',
    where: '{how, select, video {، عبر الفيديو} phone {، عبر الهاتف} place {، في {place}} other {}}',
    visit: '- مع {practitioner}: {when}{where}',
    'code.title': 'رمزكم',
    'code.text':
      '{code} هو رمزكم للدخول إلى {site}. صالح لمدة {minutes, plural, zero {# دقيقة} one {دقيقة واحدة} two {دقيقتين} few {# دقائق} many {# دقيقة} other {# دقيقة}}. لا تعطوه لأحد: نحن لا نطلبه أبدًا. إن لم تطلبوه فلا داعي لفعل شيء.',
    'code.spoken': 'رمزكم هو: {digits}. مرة أخرى: {digits}. لا تعطوه لأحد.',
    'link.confirm': 'لتأكيد الحضور:\n{url}',
    'link.move': 'لاختيار وقت آخر:\n{url}',
    'link.cancel': 'للإلغاء:\n{url}',
    'link.choose': '{when}: للتأكيد أو التغيير أو الإلغاء\n{url}',
    'link.accept': 'نعم، أقبل هذا الموعد:\n{url}',
    'link.decline': 'لا، أتركه لغيري:\n{url}',
    'digest.title':
      '{count, plural, zero {# رسالة} one {رسالة واحدة} two {رسالتان} few {# رسائل} many {# رسالة} other {# رسالة}} لهذا اليوم',
    'footer.mail':
      'كل ما يخصكم تجدونه هنا:\n{url}\nلا أحد يقرأ الردود على هذا العنوان. إن لم تكن هذه الرسالة لكم فيُرجى حذفها.',
    'footer.text': 'لإيقاف الرسائل: {stopWord}\n{url}',
    'answer.stop': 'لن تصل رسائل عن الرعاية إلى هذا الهاتف بعد الآن. كلمة {startWord} تعيدها.\n{url}',
    'answer.start': 'عادت الرسائل عن الرعاية إلى هذا الهاتف. كلمة {stopWord} توقفها.\n{url}',
    'answer.help':
      'رسائل عن المواعيد. كلمة {stopWord} توقفها، وكلمة {startWord} تعيدها. في حالة الطوارئ اتصلوا بعيادتكم أو برقم الطوارئ.\n{url}',
    'word.stop': 'توقف',
    'word.start': 'ابدأ',
    'calendar.patient': 'موعد مع {practitioner}',
    'calendar.caregiver': 'موعد مع {practitioner} (لشخص ترعونه)',
    'calendar.practitioner': 'موعد (سجّلوا الدخول لمعرفة مع من)',
  },
}
