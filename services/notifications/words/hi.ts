import type { Words } from './words.ts'

export const hi: Words = {
  messages: {
    'appointment-booked.patient': {
      title: 'अपॉइंटमेंट बुक हो गया',
      text: '{practitioner} के साथ आपका अपॉइंटमेंट: {when}{where}।',
      short: 'आपका अपॉइंटमेंट है: {when}।',
    },
    'appointment-booked.caregiver': {
      title: 'अपॉइंटमेंट बुक हो गया',
      text: '{practitioner} के साथ {patient} का अपॉइंटमेंट: {when}{where}।',
      short: 'जिनकी आप देखभाल करते हैं, उनका अपॉइंटमेंट है: {when}।',
    },
    'appointment-booked.practitioner': {
      title: 'नया अपॉइंटमेंट',
      text: 'आपके साथ {patient} का अपॉइंटमेंट है: {when}{where}।',
      mail: 'आपके साथ एक अपॉइंटमेंट बुक हुआ है: {when}{where}। किसके साथ, यह देखने के लिए साइन इन करें।',
      short: 'आपके साथ एक अपॉइंटमेंट बुक हुआ है: {when}।',
    },
    'appointment-rescheduled.patient': {
      title: 'अपॉइंटमेंट का समय बदला',
      text: '{practitioner} के साथ आपके अपॉइंटमेंट का समय बदल गया है। अब: {when}{where}।',
      short: 'आपके अपॉइंटमेंट का समय बदल गया है। अब: {when}।',
    },
    'appointment-rescheduled.caregiver': {
      title: 'अपॉइंटमेंट का समय बदला',
      text: '{practitioner} के साथ {patient} के अपॉइंटमेंट का समय बदल गया है। अब: {when}{where}।',
      short: 'जिनकी आप देखभाल करते हैं, उनके अपॉइंटमेंट का समय बदल गया है। अब: {when}।',
    },
    'appointment-rescheduled.practitioner': {
      title: 'अपॉइंटमेंट का समय बदला',
      text: 'आपके साथ {patient} के अपॉइंटमेंट का समय बदल गया है। अब: {when}{where}।',
      mail: 'आपके साथ एक अपॉइंटमेंट का समय बदल गया है। अब: {when}{where}। किसके साथ, यह देखने के लिए साइन इन करें।',
      short: 'आपके साथ एक अपॉइंटमेंट का समय बदल गया है। अब: {when}।',
    },
    'appointment-cancelled.patient': {
      title: 'अपॉइंटमेंट रद्द हुआ',
      text: '{practitioner} के साथ आपका अपॉइंटमेंट रद्द कर दिया गया है: {when}।',
      short: 'आपका अपॉइंटमेंट रद्द कर दिया गया है: {when}।',
    },
    'appointment-cancelled.caregiver': {
      title: 'अपॉइंटमेंट रद्द हुआ',
      text: '{practitioner} के साथ {patient} का अपॉइंटमेंट रद्द कर दिया गया है: {when}।',
      short: 'जिनकी आप देखभाल करते हैं, उनका अपॉइंटमेंट रद्द कर दिया गया है: {when}।',
    },
    'appointment-cancelled.practitioner': {
      title: 'अपॉइंटमेंट रद्द हुआ',
      text: 'आपके साथ {patient} का अपॉइंटमेंट रद्द कर दिया गया है: {when}।',
      mail: 'आपके साथ एक अपॉइंटमेंट रद्द कर दिया गया है: {when}। किसके साथ, यह देखने के लिए साइन इन करें।',
      short: 'आपके साथ एक अपॉइंटमेंट रद्द कर दिया गया है: {when}।',
    },
    'appointment-reminder.patient': {
      title: 'आपका अपॉइंटमेंट नज़दीक है',
      text: '{practitioner} के साथ आपका अपॉइंटमेंट: {when}{where}। यदि आप न आ सकें तो कृपया इसे रद्द कर दें, ताकि यह समय किसी और को मिल सके।',
      short: 'आपका अपॉइंटमेंट: {when}। यदि आप न आ सकें तो कृपया इसे रद्द कर दें।',
    },
    'appointment-reminder.caregiver': {
      title: 'एक अपॉइंटमेंट नज़दीक है',
      text: '{practitioner} के साथ {patient} का अपॉइंटमेंट: {when}{where}। यदि आना संभव न हो तो कृपया इसे रद्द कर दें, ताकि यह समय किसी और को मिल सके।',
      short: 'जिनकी आप देखभाल करते हैं, उनका अपॉइंटमेंट: {when}। आना संभव न हो तो कृपया रद्द कर दें।',
    },
    'appointments-reminder.patient': {
      title: 'आपके अपॉइंटमेंट नज़दीक हैं',
      text: 'आपके {count, plural, one {# अपॉइंटमेंट} other {# अपॉइंटमेंट}} हैं:\n{list}\nयदि आप न आ सकें तो कृपया रद्द कर दें, ताकि यह समय किसी और को मिल सके।',
      short: 'आपके {count, plural, one {# अपॉइंटमेंट} other {# अपॉइंटमेंट}} हैं, पहला: {when}।',
    },
    'appointments-reminder.caregiver': {
      title: 'अपॉइंटमेंट नज़दीक हैं',
      text: '{patient} के {count, plural, one {# अपॉइंटमेंट} other {# अपॉइंटमेंट}} हैं:\n{list}\nयदि आना संभव न हो तो कृपया रद्द कर दें, ताकि यह समय किसी और को मिल सके।',
      short: 'जिनकी आप देखभाल करते हैं, उनके {count, plural, one {# अपॉइंटमेंट} other {# अपॉइंटमेंट}} हैं, पहला: {when}।',
    },
    'appointments-booked.patient': {
      title: 'अपॉइंटमेंट तय हुए',
      text: '{practitioner} के साथ आपके {count, plural, one {# अपॉइंटमेंट} other {# अपॉइंटमेंट}} हैं:\n{times}',
      short: 'आपके {count, plural, one {# अपॉइंटमेंट} other {# अपॉइंटमेंट}} हैं, पहला: {when}।',
    },
    'appointments-booked.caregiver': {
      title: 'अपॉइंटमेंट तय हुए',
      text: '{practitioner} के साथ {patient} के {count, plural, one {# अपॉइंटमेंट} other {# अपॉइंटमेंट}} हैं:\n{times}',
      short: 'जिनकी आप देखभाल करते हैं, उनके {count, plural, one {# अपॉइंटमेंट} other {# अपॉइंटमेंट}} हैं, पहला: {when}।',
    },
    'appointments-booked.practitioner': {
      title: 'नए अपॉइंटमेंट',
      text: 'आपके साथ {patient} के {count, plural, one {# अपॉइंटमेंट} other {# अपॉइंटमेंट}} हैं:\n{times}',
      mail: 'आपके साथ {count, plural, one {# अपॉइंटमेंट} other {# अपॉइंटमेंट}} तय हुए:\n{times}\nकिसके साथ, यह देखने के लिए साइन इन करें।',
      short: 'आपके साथ {count, plural, one {# अपॉइंटमेंट} other {# अपॉइंटमेंट}} तय हुए, पहला: {when}।',
    },
    'appointments-rescheduled.patient': {
      title: 'अपॉइंटमेंट बदले गए',
      text: '{practitioner} के साथ आपके {count, plural, one {# अपॉइंटमेंट} other {# अपॉइंटमेंट}} बदले गए। अब वे हैं:\n{times}',
      short: 'आपके {count, plural, one {# अपॉइंटमेंट} other {# अपॉइंटमेंट}} बदले गए। पहला अब: {when}।',
    },
    'appointments-rescheduled.caregiver': {
      title: 'अपॉइंटमेंट बदले गए',
      text: '{practitioner} के साथ {patient} के {count, plural, one {# अपॉइंटमेंट} other {# अपॉइंटमेंट}} बदले गए। अब वे हैं:\n{times}',
      short: 'जिनकी आप देखभाल करते हैं, उनके {count, plural, one {# अपॉइंटमेंट} other {# अपॉइंटमेंट}} बदले गए। पहला अब: {when}।',
    },
    'appointments-rescheduled.practitioner': {
      title: 'अपॉइंटमेंट बदले गए',
      text: 'आपके साथ {patient} के {count, plural, one {# अपॉइंटमेंट} other {# अपॉइंटमेंट}} बदले गए। अब वे हैं:\n{times}',
      mail: 'आपके साथ {count, plural, one {# अपॉइंटमेंट} other {# अपॉइंटमेंट}} बदले गए। अब वे हैं:\n{times}\nकिसके साथ, यह देखने के लिए साइन इन करें।',
      short: 'आपके साथ {count, plural, one {# अपॉइंटमेंट} other {# अपॉइंटमेंट}} बदले गए। पहला अब: {when}।',
    },
    'appointments-cancelled.patient': {
      title: 'अपॉइंटमेंट रद्द हुए',
      text: '{practitioner} के साथ आपके {count, plural, one {# अपॉइंटमेंट} other {# अपॉइंटमेंट}} रद्द हुए:\n{times}',
      short: 'आपके {count, plural, one {# अपॉइंटमेंट} other {# अपॉइंटमेंट}} रद्द हुए, पहला: {when}।',
    },
    'appointments-cancelled.caregiver': {
      title: 'अपॉइंटमेंट रद्द हुए',
      text: '{practitioner} के साथ {patient} के {count, plural, one {# अपॉइंटमेंट} other {# अपॉइंटमेंट}} रद्द हुए:\n{times}',
      short: 'जिनकी आप देखभाल करते हैं, उनके {count, plural, one {# अपॉइंटमेंट} other {# अपॉइंटमेंट}} रद्द हुए, पहला: {when}।',
    },
    'appointments-cancelled.practitioner': {
      title: 'अपॉइंटमेंट रद्द हुए',
      text: 'आपके साथ {patient} के {count, plural, one {# अपॉइंटमेंट} other {# अपॉइंटमेंट}} रद्द हुए:\n{times}',
      mail: 'आपके साथ {count, plural, one {# अपॉइंटमेंट} other {# अपॉइंटमेंट}} रद्द हुए:\n{times}\nकिसके साथ, यह देखने के लिए साइन इन करें।',
      short: 'आपके साथ {count, plural, one {# अपॉइंटमेंट} other {# अपॉइंटमेंट}} रद्द हुए, पहला: {when}।',
    },
    'waitlist-offer.patient': {
      title: 'एक समय खाली हुआ है',
      text: '{practitioner} के साथ आपको अपॉइंटमेंट मिल सकता है: {when}{where}। यह समय आपके लिए तब तक रखा है: {until}। कृपया उससे पहले हाँ या ना बताएँ।',
    },
    'waitlist-offer.caregiver': {
      title: 'एक समय खाली हुआ है',
      text: '{practitioner} के साथ {patient} को अपॉइंटमेंट मिल सकता है: {when}{where}। यह समय तब तक रखा है: {until}। कृपया उससे पहले हाँ या ना बताएँ।',
    },
    'mandate-granted.patient': {
      title: 'आपने एक अधिकार देने का प्रस्ताव किया',
      text: '{caregiver} स्वीकार करते ही आपकी ओर से काम कर सकेंगे। आप इसे कभी भी वापस ले सकते हैं।',
    },
    'mandate-granted.caregiver': {
      title: 'आपसे किसी की ओर से काम करने को कहा गया है',
      text: '{patient} चाहते हैं कि आप उनकी ओर से काम करें। अधिकार में देखें कि वह किस बात की अनुमति देता है, और कब से कब तक; फिर उसे स्वीकार या अस्वीकार करें।',
    },
    'mandate-accepted.patient': {
      title: 'आपका दिया अधिकार स्वीकार हुआ',
      text: '{caregiver} अब आपकी ओर से काम कर सकते हैं। आप इसे कभी भी वापस ले सकते हैं।',
    },
    'mandate-accepted.caregiver': {
      title: 'आपके पास एक अधिकार है',
      text: 'अब आप {patient} की ओर से काम कर सकते हैं।',
    },
    'mandate-ending.patient': {
      title: 'एक अधिकार जल्द समाप्त होगा',
      text: '{caregiver} कुछ और हफ़्तों तक आपकी ओर से काम कर सकते हैं। यदि यह अब भी ठीक है तो उन्हें नया अधिकार दें।',
    },
    'mandate-ending.caregiver': {
      title: 'एक अधिकार जल्द समाप्त होगा',
      text: 'आप कुछ और हफ़्तों तक {patient} की ओर से काम कर सकते हैं। यदि यह अब भी ठीक है तो आपको नया अधिकार दिया जा सकता है; जो बालिग़ होता है, वह यह स्वयं तय करता है।',
    },
    'mandate-revoked.patient': {
      title: 'एक अधिकार समाप्त हुआ',
      text: '{caregiver} अब आपकी ओर से काम नहीं कर सकते।',
    },
    'mandate-revoked.caregiver': {
      title: 'एक अधिकार समाप्त हुआ',
      text: 'अब आप {patient} की ओर से काम नहीं कर सकते।',
    },
    'record-opened.patient': {
      title: 'आपका रिकॉर्ड आपात स्थिति में खोला गया',
      text: '{practitioner} ने आपात स्थिति में चार घंटे के लिए आपका रिकॉर्ड खोला। व्यवस्थापक इसकी जाँच करेंगे; यदि आपको यह ठीक न लगे तो उन्हें बताएँ।',
      mail: 'आपका रिकॉर्ड आपात स्थिति में चार घंटे के लिए खोला गया। किसने खोला, यह देखने के लिए साइन इन करें। व्यवस्थापक इसकी जाँच करेंगे।',
    },
    'record-opened.caregiver': {
      title: 'एक रिकॉर्ड आपात स्थिति में खोला गया',
      text: '{practitioner} ने आपात स्थिति में चार घंटे के लिए {patient} का रिकॉर्ड खोला। व्यवस्थापक इसकी जाँच करेंगे।',
      mail: 'जिनकी आप देखभाल करते हैं, उनका रिकॉर्ड आपात स्थिति में चार घंटे के लिए खोला गया। किसका, यह देखने के लिए साइन इन करें। व्यवस्थापक इसकी जाँच करेंगे।',
    },
    'record-merged.patient': {
      title: 'आपका रिकॉर्ड दूसरे से जोड़ा गया',
      text: 'व्यवस्थापक ने पाया कि दो रिकॉर्ड एक ही व्यक्ति, यानी आपके हैं, और उन्हें जोड़ दिया। यदि यह ग़लत लगे तो व्यवस्थापक को बताएँ: इसे वापस किया जा सकता है।',
    },
    'record-merged.caregiver': {
      title: 'एक रिकॉर्ड दूसरे से जोड़ा गया',
      text: 'व्यवस्थापक ने पाया कि दो रिकॉर्ड एक ही व्यक्ति के हैं, जिनकी आप देखभाल करते हैं, और उन्हें जोड़ दिया। यदि यह ग़लत लगे तो व्यवस्थापक को बताएँ: इसे वापस किया जा सकता है।',
    },
    'record-unmerged.patient': {
      title: 'आपका रिकॉर्ड दूसरे से अलग किया गया',
      text: 'दो रिकॉर्ड जोड़े गए थे, और व्यवस्थापक ने उन्हें फिर अलग कर दिया है। अपना रिकॉर्ड देख लें; यदि उसमें कुछ आपका न हो, या कुछ कम हो, तो व्यवस्थापक को बताएँ।',
    },
    'record-unmerged.caregiver': {
      title: 'एक रिकॉर्ड दूसरे से अलग किया गया',
      text: 'दो रिकॉर्ड, जिनमें से एक उनका है जिनकी आप देखभाल करते हैं, जोड़े गए थे, और व्यवस्थापक ने उन्हें फिर अलग कर दिया है। यदि कुछ कम हो तो व्यवस्थापक को बताएँ।',
    },
    'licence-verified.practitioner': {
      title: 'लाइसेंस सत्यापित हुआ',
      text: 'आपका लाइसेंस सत्यापित हो गया है। अब आप अपॉइंटमेंट दे सकते हैं।',
    },
    'licence-rejected.practitioner': {
      title: 'लाइसेंस स्वीकार नहीं हुआ',
      text: 'आपका लाइसेंस सत्यापित नहीं हो सका। कारण जानने के लिए उसे देखें, और फिर से भेजें।',
    },
    'licence-revoked.practitioner': {
      title: 'लाइसेंस वापस लिया गया',
      text: 'आपका लाइसेंस अब मान्य नहीं है, इसलिए आप उसके आधार पर यहाँ काम नहीं कर सकते। कारण जानने के लिए उसे देखें, और यदि यह ग़लत लगे तो व्यवस्थापक से पूछें।',
    },
    'licence-ending.practitioner': {
      title: 'आपका लाइसेंस जल्द समाप्त होगा',
      text: 'आपका लाइसेंस {days, plural, one {# दिन} other {# दिनों}} के भीतर समाप्त होगा। नया लाइसेंस प्रमाणपत्र के साथ जोड़ें; उसके बिना आप इसके बाद किसी को नहीं दिखाए जाएँगे।',
    },
    'message.patient': {
      title: 'आपके लिए एक संदेश',
      text: '{written}',
      mail: 'आपका इलाज करने वाले किसी व्यक्ति ने आपको लिखा है। पढ़ने के लिए साइन इन करें।',
      short: 'आपके लिए एक संदेश है।',
    },
    'message.caregiver': {
      title: 'जिनकी आप देखभाल करते हैं, उनके बारे में एक संदेश',
      text: '{written}',
      mail: 'जिनकी आप देखभाल करते हैं, उनका इलाज करने वाले किसी व्यक्ति ने लिखा है। पढ़ने के लिए साइन इन करें।',
      short: 'जिनकी आप देखभाल करते हैं, उनके बारे में एक संदेश है।',
    },
    'announcement.person': {
      title: 'एक सूचना',
      text: '{written}',
      mail: 'एक सूचना है। पढ़ने के लिए साइन इन करें।',
      short: 'एक सूचना है।',
    },
    'thread-message.patient': {
      title: 'आपकी मुलाक़ात के बारे में एक संदेश',
      text: 'किसी ने आपकी मुलाक़ात के बारे में लिखा है। पढ़ने के लिए साइन इन करें।',
      short: 'आपकी मुलाक़ात के बारे में एक संदेश है।',
    },
    'thread-message.caregiver': {
      title: 'जिनकी आप देखभाल करते हैं, उनके बारे में एक संदेश',
      text: 'जिनकी आप देखभाल करते हैं, उनकी मुलाक़ात के बारे में किसी ने लिखा है। पढ़ने के लिए साइन इन करें।',
      short: 'जिनकी आप देखभाल करते हैं, उनके बारे में एक संदेश है।',
    },
    'thread-message.practitioner': {
      title: 'एक मरीज़ का संदेश',
      text: 'एक मरीज़ ने आपको मुलाक़ात के बारे में लिखा है। पढ़ने के लिए साइन इन करें।',
      short: 'एक मरीज़ का संदेश है।',
    },
    'webhook-disabled.administrator': {
      title: 'एक वेबहुक बंद कर दिया गया',
      text: '{reason, select, gone {{host} का कहना है कि उसे और वेबहुक नहीं चाहिए} other {{host} ने पाँच दिनों से कोई वेबहुक नहीं लिया}}, इसलिए अब उसे कोई नहीं भेजा जाता। जब वह काम करने लगे तो उसे फिर चालू करें और जो छूट गया उसे दोबारा भेजें।',
    },
    'erasure-requested.person': {
      title: 'मिटाने का अनुरोध हुआ',
      text: 'यहाँ आपके बारे में जो जानकारी है, वह मिटाई जाएगी। यदि आप यह नहीं चाहते थे तो साइन इन करके इसे रोक दें।',
    },
    'erasure-claimed.person': {
      title: 'आपका रिकॉर्ड मिटाने का अनुरोध हुआ',
      text: '{created} को, आपके यहाँ अपना रिकॉर्ड संभालने से पहले, एक व्यवस्थापक ने उसे मिटाने का अनुरोध किया। यह {due} को किया जाएगा। यदि आप यह नहीं चाहते तो साइन इन करके इसे रोक दें; यदि चाहते हैं तो इसकी पुष्टि कर सकते हैं।',
    },
    'export-ready.person': {
      title: 'आपकी प्रति तैयार है',
      text: 'आपने जो माँगा था, वह कुछ दिनों तक लिया जा सकता है। इसके लिए साइन इन करें।',
    },
    'password-changed.person': {
      title: 'आपका पासवर्ड बदला गया',
      text: 'बाक़ी सब जगह से आपको साइन आउट कर दिया गया है। यदि यह आपने नहीं किया तो कोड या पासकी से साइन इन करें, दूसरा पासवर्ड चुनें, और अपनी पासकी और सत्र देख लें।',
    },
    'texts-stopped.person': {
      title: 'आपके फ़ोन पर SMS बंद किए गए',
      text: 'आपके खाते में दर्ज फ़ोन से किसी ने {stopWord} लिखा, इसलिए अब वहाँ देखभाल के SMS नहीं जाते, उस फ़ोन के किसी भी साझेदार के लिए। उसी फ़ोन से {startWord} लिखने पर वे फिर आने लगेंगे। यहाँ सब कुछ अब भी है।',
    },
    'texts-started.person': {
      title: 'आपके फ़ोन पर SMS फिर शुरू हुए',
      text: 'आपके खाते में दर्ज फ़ोन से किसी ने {startWord} लिखा, इसलिए देखभाल के SMS अब फिर वहाँ जाते हैं।',
    },
  },
  phrases: {
    when: '{time} ({zone})',
    'when-both': '{time} ({zone}; आपके यहाँ {own}, {ownZone})',
    where: '{how, select, video {, वीडियो से} phone {, फ़ोन से} place {, {place} में} other {}}',
    visit: '- {practitioner} के साथ: {when}{where}',
    'code.title': 'आपका कोड',
    'code.text':
      '{code} {site} के लिए आपका कोड है। यह {minutes, plural, one {# मिनट} other {# मिनट}} तक चलेगा। इसे किसी को न दें: हम इसे कभी नहीं माँगते। यदि आपने इसे नहीं माँगा था तो आपको कुछ नहीं करना है।',
    'code.spoken': 'आपका कोड है: {digits}। फिर से: {digits}। इसे किसी को न दें।',
    'link.confirm': 'आने की पुष्टि के लिए:\n{url}',
    'link.move': 'दूसरा समय चुनने के लिए:\n{url}',
    'link.cancel': 'रद्द करने के लिए:\n{url}',
    'link.choose': '{when}: पुष्टि करने, बदलने या रद्द करने के लिए\n{url}',
    'link.accept': 'हाँ, यह समय लें:\n{url}',
    'link.decline': 'नहीं, इसे दूसरों के लिए छोड़ें:\n{url}',
    'digest.title': 'आज के {count, plural, one {# संदेश} other {# संदेश}}',
    'footer.mail':
      'आपसे जुड़ी सारी बातें यहाँ देखें:\n{url}\nइस पते पर आए जवाब कोई नहीं पढ़ता। यदि यह संदेश आपके लिए नहीं है तो कृपया इसे मिटा दें।',
    'footer.text': '{stopWord} से ये SMS बंद।\n{url}',
    'answer.stop': 'इस फ़ोन पर अब देखभाल के SMS नहीं आएँगे। {startWord} भेजने पर फिर आएँगे।\n{url}',
    'answer.start': 'इस फ़ोन पर देखभाल के SMS फिर आएँगे। {stopWord} भेजने पर बंद होंगे।\n{url}',
    'answer.help':
      'अपॉइंटमेंट के SMS। {stopWord} से बंद, {startWord} से फिर शुरू। आपात स्थिति में अपने क्लिनिक या आपात नंबर पर फ़ोन करें।\n{url}',
    'word.stop': 'STOP',
    'word.start': 'START',
    'calendar.patient': '{practitioner} के साथ अपॉइंटमेंट',
    'calendar.caregiver': '{practitioner} के साथ अपॉइंटमेंट (जिनकी आप देखभाल करते हैं, उनका)',
    'calendar.practitioner': 'अपॉइंटमेंट (किसके साथ, यह देखने के लिए साइन इन करें)',
  },
}
