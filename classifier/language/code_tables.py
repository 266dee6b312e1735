"""Tables of language codes: ISO 639-3 and 639-2/B to 639-1, codes that mean the same, usual scripts, English names."""

from __future__ import annotations

# three-letter code, two-letter code
TWO_LETTER = """
aar:aa abk:ab afr:af aka:ak alb:sq amh:am ara:ar arg:an arm:hy asm:as ava:av ave:ae aym:ay aze:az bak:ba bam:bm
baq:eu bel:be ben:bn bih:bho bis:bi bod:bo bos:bs bre:br bul:bg bur:my cat:ca ces:cs cha:ch che:ce chi:zh chu:cu
chv:cv cor:kw cos:co cre:cr cym:cy cze:cs dan:da deu:de div:dv dut:nl dzo:dz ell:el eng:en epo:eo est:et eus:eu
ewe:ee fao:fo fas:fa fij:fj fin:fi fra:fr fre:fr fry:fy ful:ff geo:ka ger:de gla:gd gle:ga glg:gl glv:gv gre:el
grn:gn guj:gu hat:ht hau:ha heb:he her:hz hin:hi hmo:ho hrv:hr hun:hu hye:hy ibo:ig ice:is ido:io iii:ii iku:iu
ile:ie ina:ia ind:id ipk:ik isl:is ita:it jav:jv jpn:ja kal:kl kan:kn kas:ks kat:ka kau:kr kaz:kk khm:km kik:ki
kin:rw kir:ky kom:kv kon:kg kor:ko kua:kj kur:ku lao:lo lat:la lav:lv lim:li lin:ln lit:lt ltz:lb lub:lu lug:lg
mac:mk mah:mh mal:ml mao:mi mar:mr may:ms mkd:mk mlg:mg mlt:mt mon:mn mri:mi msa:ms mya:my nau:na nav:nv nbl:nr
nde:nd ndo:ng nep:ne nld:nl nno:nn nya:ny oci:oc oji:oj ori:or orm:om oss:os pan:pa per:fa pli:pi pol:pl por:pt
pus:ps que:qu roh:rm ron:ro rum:ro run:rn rus:ru sag:sg san:sa sin:si slk:sk slo:sk slv:sl sme:se smo:sm sna:sn
snd:sd som:so sot:st spa:es sqi:sq srd:sc srp:sr ssw:ss sun:su swa:sw swc:sw-CD swe:sv tah:ty tam:ta tat:tt
tel:te tgk:tg tgl:tl tha:th tib:bo tir:ti ton:to tsn:tn tso:ts tuk:tk tur:tr uig:ug ukr:uk urd:ur uzb:uz ven:ve
vie:vi vol:vo wel:cy wln:wa wol:wo xho:xh yid:yi yor:yo zha:za zho:zh zul:zu
"""
# code, the tag that stands for it here
SAME_AS = """
aln:sq als:sq arb:ar azj:az bh:bho cmn:zh ekk:et fat:ak fil:tl gaz:om gom:kok gug:gn hbs:sh in:id iw:he
ji:yi jw:jv khk:mn kmr:ku kng:kg knn:kok lvs:lv mo:ro mol:ro nb:no nob:no nor:no npi:ne ory:or pbt:ps pbu:ps
pes:fa plt:mg prs:fa quz:qu scc:sr scr:hr src:sc swh:sw tw:ak twi:ak uzn:uz ydd:yi zlm:ms zsm:ms
"""
# the script that a tag leaves out, where it is not Latin
USUAL_SCRIPT = """
Cyrl ab be bg ba ce cv kk ky mk mn os ru sr tg tt uk kv cu av alt bua inh kbd krc lez mhr mrj myv mdf rsk rue sah tyv
Cyrl udm cjs
Arab ar arz azb ckb fa ks lki lrc mzn pnb ps sd skr ug ur kas
Hebr he yi
Grek el
Armn hy hyw
Geor ka xmf
Ethi am ti
Beng as bn bpy
Deva anp awa bho doi hi kok mag mai mr ne new sa
Tibt bo dz
Cakm ccp
Cher chr
Thaa dv
Gujr gu
Guru pa
Knda kn tcy
Mlym ml
Taml ta
Telu te
Orya or
Sinh si
Thai th
Laoo lo
Khmr km
Mymr my mnw shn
Cans iu oj oji cr ike
Yiii ii
Jpan ja
Kore ko
Hani zh yue wuu gan
Mtei mni
Nkoo nqo
Olck sat
Syrc syr aii
Tfng zgh
Vaii vai
"""
# tag, English name
NAMES = """
aa Afar; ab Abkhazian; ae Avestan; af Afrikaans; ak Akan; am Amharic; an Aragonese; anp Angika; ar Arabic; arz
Egyptian Arabic; as Assamese; ast Asturian; av Avaric; awa Awadhi; ay Aymara; az Azerbaijani; ba Bashkir; ban
Balinese; bar Bavarian; be Belarusian; bem Bemba; bew Betawi; bg Bulgarian; bho Bhojpuri; bi Bislama; bjn
Banjar; blo Anii; bm Bambara; bn Bangla; bo Tibetan; br Breton; bs Bosnian; ca Catalan; ccp Chakma; ce Chechen;
ceb Cebuano; ch Chamorro; chr Cherokee; ckb Central Kurdish; co Corsican; cr Cree; crh Crimean Tatar; cs Czech;
cu Church Slavic; cv Chuvash; cy Welsh; da Danish; de German; doi Dogri; dsb Lower Sorbian; dtp Central Dusun;
dv Divehi; dz Dzongkha; ee Ewe; el Greek; en English; eo Esperanto; es Spanish; et Estonian; eu Basque; fa
Persian; ff Fula; fi Finnish; fit Tornedalen Finnish; fj Fijian; fo Faroese; fr French; frp Arpitan; frr
Northern Frisian; fur Friulian; fy Western Frisian; ga Irish; gan Gan Chinese; gd Scottish Gaelic; gl Galician;
gn Guarani; gsw Swiss German; gu Gujarati; gur Frafra; gv Manx; ha Hausa; haw Hawaiian; he Hebrew; hi Hindi; hmn
Hmong; ho Hiri Motu; hr Croatian; hsb Upper Sorbian; ht Haitian Creole; hu Hungarian; hy Armenian; hz Herero; ia
Interlingua; iba Iban; id Indonesian; ie Interlingue; ig Igbo; ii Sichuan Yi; ik Inupiaq; ilo Iloko; inh Ingush;
io Ido; is Icelandic; it Italian; iu Inuktitut; ja Japanese; jv Javanese; ka Georgian; kaa Kara-Kalpak; kab
Kabyle; kcg Tyap; kea Kabuverdianu; kg Kongo; kgp Kaingang; ki Kikuyu; kj Kuanyama; kk Kazakh; kl Kalaallisut;
km Khmer; kn Kannada; ko Korean; kok Konkani; kr Kanuri; krc Karachay-Balkar; ks Kashmiri; ksh Colognian; ku
Kurdish; kv Komi; kw Cornish; kxv Kuvi; ky Kyrgyz; la Latin; lb Luxembourgish; lg Ganda; li Limburgish; lij
Ligurian; lkt Lakota; lmo Lombard; ln Lingala; lo Lao; lrc Northern Luri; lt Lithuanian; lu Luba-Katanga; lus
Mizo; lv Latvian; mag Magahi; mai Maithili; mg Malagasy; mh Marshallese; mi Māori; min Minangkabau; mk
Macedonian; ml Malayalam; mn Mongolian; mni Manipuri; mos Mossi; mr Marathi; ms Malay; mt Maltese; my Burmese;
myv Erzya; mzn Mazanderani; na Nauru; nap Neapolitan; nd North Ndebele; nds Low German; ne Nepali; ng Ndonga; nl
Dutch; nn Norwegian Nynorsk; no Norwegian; nqo N’Ko; nr South Ndebele; nso Northern Sotho; nv Navajo; ny Nyanja;
oc Occitan; oj Ojibwa; om Oromo; or Odia; os Ossetic; pa Punjabi; pam Pampanga; pap Papiamento; pcm Nigerian
Pidgin; pfl Palatine German; pi Pali; pl Polish; pms Piedmontese; ps Pashto; pt Portuguese; qu Quechua; quc
Kʼicheʼ; rm Romansh; rn Rundi; ro Romanian; ru Russian; rue Rusyn; rw Kinyarwanda; sa Sanskrit; sah Yakut; sat
Santali; sc Sardinian; scn Sicilian; sco Scots; sd Sindhi; se Northern Sami; sg Sango; sh
Bosnian-Croatian-Serbian; shi Tachelhit; si
Sinhala; sk Slovak; sl Slovenian; sm Samoan; smn Inari Sami; sms Skolt Sami; sn Shona; so Somali; sq Albanian;
sr Serbian; ss Swati; st Southern Sotho; su Sundanese; sv Swedish; sw Swahili; syr Syriac; ta Tamil; tcy Tulu;
te Telugu; tg Tajik; th Thai; ti Tigrinya; tk Turkmen; tl Tagalog; tly Talysh; tn Tswana; to Tongan; tr Turkish;
ts Tsonga; tt Tatar; ty Tahitian; ug Uyghur; uk Ukrainian; ur Urdu; uz Uzbek; ve Venda; vec Venetian; vep Veps;
vi Vietnamese; vo Volapük; wa Walloon; wal Wolaytta; war Waray; wo Wolof; wuu Wu Chinese; xh Xhosa; xmf
Mingrelian; yi Yiddish; yo Yoruba; yrl Nheengatu; yue Cantonese; za Zhuang; zgh Standard Moroccan Tamazight; zh
Chinese; zu Zulu; acu Achuar-Shiwiar; agr Aguaruna; ake Akawaio; alt Southern Altai; amu Guerrero Amuzgo;
azb South Azerbaijani; bcl Central Bikol; bsn Barasana; cak Kaqchikel; cbk Chavacano; chq Quiotepec Chinantec;
cjp Cabécar; cni Asháninka; dag Dagbani; dga Southern Dagaare; dik Southwestern Dinka; diq Zazaki; djk Eastern Maroon
Creole; dop Lukpa; gbi Galela; hyw Western Armenian; jac Popti’; jiv Shuar; kbh Camsá; kus Kusaal; lgg Lugbara; lki
Laki; lwg Wanga; mam Mam; mhr Eastern Mari; mnw Mon; myx Masaaba; nhg Tetelcingo Nahuatl; nuj Nyole; olo Livvi; pnb
Western Punjabi; pot Potawatomi; ppk Uma; rmn Balkan Romani; rsk Pannonian Rusyn; skr Saraiki; szy Sakizaya; ttq
Tawallammat Tamajaq; usp Uspanteko; yua Yucatec Maya
"""
