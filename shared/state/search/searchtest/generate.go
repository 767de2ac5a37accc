package searchtest

import (
	"encoding/json"
	"fmt"
	"iter"
	"math/rand/v2"
	"strings"
	"time"
	"unicode"

	"convoke/shared/domain/taxonomy"
	"convoke/shared/state/search"
)

// Generate makes n documents with names as organisations have them, in 16
// languages and 13 scripts: what it is, whom or what it is for, and a place. Some
// places are known cities, most are made of syllables, so that the dictionary
// grows with the directory as real ones do. The same seed makes the same ones.
func Generate(n int, seed uint64) iter.Seq2[search.Document, error] {
	return func(yield func(search.Document, error) bool) {
		g := generator{tongues(), taxonomy.Countries(), taxonomy.Topics(), seed}
		for i := range n {
			if !yield(g.document(i), nil) {
				return
			}
		}
	}
}

type generator struct {
	tongues           []tongue
	countries, topics []string
	seed              uint64
}

// document makes the i-th one, whatever came before it.
func (g *generator) document(i int) search.Document {
	r := rand.New(rand.NewPCG(g.seed, uint64(i))) //nolint:gosec // to be repeated, not to be secret
	t := &g.tongues[skewed(r, len(g.tongues))]
	country := t.countries[skewed(r, len(t.countries))]
	if r.IntN(4) == 0 {
		country = g.countries[r.IntN(len(g.countries))]
	}
	place := t.place(r)
	display := t.name(r, place)
	d := search.Document{ID: fmt.Sprintf("%08x", uint32(i)*2654435761), Version: 1}
	d.Names = append(d.Names, search.Name{Text: display, Lang: t.lang, Kind: search.KindDisplay})
	if a := initials(display); a != "" && r.IntN(5) < 2 {
		d.Names = append(d.Names, search.Name{Text: a, Kind: search.KindAcronym})
	}
	if other := &g.tongues[r.IntN(len(g.tongues))]; r.IntN(10) < 3 {
		d.Names = append(d.Names, search.Name{Text: other.name(r, other.place(r)), Lang: other.lang, Kind: search.KindOther})
	}
	if r.IntN(10) < 2 {
		d.Names = append(d.Names, search.Name{Text: t.name(r, place), Lang: t.lang, Kind: search.KindOther})
	}
	d.Text = []string{t.name(r, place) + ", " + country}
	d.Facets = g.facets(r, t.lang, country)
	d.Unweighed = d.Facets["seen_by"][0] != "public"
	d.Numbers = map[string]int64{"invited": int64(skewed(r, 40)), "verified": 1_700_000_000 + int64(r.IntN(60_000_000))}
	for range r.IntN(3) {
		d.Topics = append(d.Topics, t.purposes[r.IntN(len(t.purposes))])
	}
	d.Stored, _ = json.Marshal(map[string]any{ // cannot fail
		"id": d.ID, "name": display, "lang": t.lang, "category": d.Facets["category"][0], "country": country, "topics": d.Facets["topic"],
	})
	return d
}

func (g *generator) facets(r *rand.Rand, lang, country string) map[string][]string {
	categories := taxonomy.Categories()
	f := map[string][]string{
		"seen_by": {"public", "organisers"}, "category": {categories[skewed(r, len(categories))]}, "country": {country},
		"region": taxonomy.RegionsOf(country), "group": taxonomy.GroupsOf(country, time.Unix(1_750_000_000, 0)), "language": {lang},
	}
	if r.IntN(30) == 0 {
		f["seen_by"] = f["seen_by"][1:]
	}
	if lang != "en" && r.IntN(3) > 0 {
		f["language"] = append(f["language"], "en")
	}
	for range 1 + r.IntN(4) {
		f["topic"] = append(f["topic"], g.topics[skewed(r, len(g.topics))])
	}
	for range r.IntN(4) {
		f["works_in"] = append(f["works_in"], g.countries[skewed(r, len(g.countries))])
	}
	return f
}

// skewed returns a number under n, small ones more often.
func skewed(r *rand.Rand, n int) int {
	x := r.Float64()
	return int(x * x * float64(n))
}

// tongue is a language that names are made in.
type tongue struct {
	lang      string
	countries []string
	kinds     []string // what it is
	purposes  []string // whom or what it is for
	cities    []string
	syllables []string // of other places
	forms     []string // K, P and C stand for the three; without spaces where the script has none
}

func (t *tongue) place(r *rand.Rand) string {
	if r.IntN(3) == 0 {
		return t.cities[skewed(r, len(t.cities))]
	}
	var b strings.Builder
	for range 2 + r.IntN(3) {
		b.WriteString(t.syllables[r.IntN(len(t.syllables))])
	}
	letters := []rune(b.String())
	letters[0] = unicode.ToUpper(letters[0])
	return string(letters)
}

func (t *tongue) name(r *rand.Rand, place string) string {
	form := t.forms[r.IntN(len(t.forms))]
	return strings.NewReplacer("K", t.kinds[skewed(r, len(t.kinds))], "P", t.purposes[skewed(r, len(t.purposes))], "C", place).Replace(form)
}

// initials makes an acronym of the capitals that a name's words begin with.
func initials(name string) string {
	var b strings.Builder
	for _, w := range strings.Fields(name) {
		if r := []rune(w)[0]; unicode.IsUpper(r) {
			b.WriteRune(r)
		}
	}
	if n := len([]rune(b.String())); n < 3 || n > 7 {
		return ""
	}
	return b.String()
}

func tongues() []tongue {
	list := func(text string) []string { return strings.Split(text, ";") }
	words := strings.Fields
	return []tongue{
		{
			"en", words("US GB KE IN NG PH CA AU ZA GH UG"),
			list("University;Institute;Association;Centre;Foundation;Network;Council;Research Institute;Forum;Hospital;Federation;Union;Alliance;College;Trust;Committee;Society;Initiative;Coalition;Agency"),
			list("Migrant Workers;Refugees;Migration Studies;Women Migrants;Diaspora;Human Rights;Public Health;Development;Social Policy;Return and Reintegration;Labour;Youth;Domestic Workers;Technology;International Relations;Remittances;Climate Mobility;Seafarers;Education;Statistics"),
			list("London;Nairobi;New York;Delhi;Lagos;Manila;Toronto;Sydney;Cape Town;Accra;Kampala"),
			words("bar mel ston ford wick ash ham ton bury ley kin dal gar wen thor pem bri nor ell ock sha mir rud cas tel hol van"),
			strings.Split("K for P of C|C K for P|K of P C|P K C|C P K", "|"),
		},
		{
			"fr", words("FR CH BE SN CI MA CM CD ML"),
			list("Association;Université;Institut;Centre;Fondation;Réseau;Collectif;Fédération;Conseil;Comité;Observatoire;Maison;Union;Agence"),
			list("des migrants;des travailleurs;pour les réfugiés;des femmes;de la diaspora;des droits humains;du développement;de la santé;d'études des migrations;de la jeunesse;pour l'éducation;du travail"),
			list("Genève;Paris;Dakar;Abidjan;Bruxelles;Rabat;Yaoundé;Kinshasa;Bamako"),
			words("bel mont ville sur ney lac brê gué rouv chan tel mar ien lé aux vau cour ces puy ard"),
			strings.Split("K P de C|K P à C|K de C P", "|"),
		},
		{
			"es", words("ES MX CO EC PE AR GT HN"),
			list("Asociación;Universidad;Instituto;Centro;Fundación;Red;Federación;Consejo;Comité;Observatorio;Casa;Unión"),
			list("de Migrantes;de Trabajadores;de Refugiados;de Mujeres;de la Diáspora;de Derechos Humanos;para el Desarrollo;de Salud;de Estudios Migratorios;de Jóvenes;de Educación"),
			list("Madrid;México;Bogotá;Quito;Lima;Tegucigalpa;Guatemala"),
			words("ca sa rri to lla gua dal que món te ña vi zu ma lo bra ñez cor do ver"),
			strings.Split("K P de C|K C P", "|"),
		},
		{
			"ru", words("RU KZ KG TJ"),
			list("Ассоциация;Институт;Университет;Центр;Фонд;Союз;Совет;Федерация;Комитет;Академия"),
			list("мигрантов;трудящихся;беженцев;женщин;по правам человека;развития;изучения миграции;диаспоры;здравоохранения;молодёжи"),
			list("Москвы;Казани;Бишкека;Алматы;Душанбе"),
			words("бе ло гор ска ни ко ла ев тур ме ны зе лен до ро сам бур ник"),
			strings.Split("K P C|C K P", "|"),
		},
		{
			"ar", words("EG MA JO TN IQ LB YE"),
			list("جمعية;جامعة;معهد;مركز;مؤسسة;شبكة;اتحاد;مجلس;منظمة"),
			list("المهاجرين;العمال;اللاجئين;النساء;حقوق الإنسان;التنمية;دراسات الهجرة;الصحة;الشباب"),
			list("القاهرة;الرباط;عمان;تونس;بغداد;بيروت"),
			words("با را نو مي سا لا دو ري حا كا تي فا جو هي زا"),
			strings.Split("K P في C|K C P", "|"),
		},
		{
			"zh", words("CN SG"),
			list("协会;大学;研究所;中心;基金会;联合会;委员会;学院"),
			list("移民;劳工;难民;妇女;人权;发展;移民研究;公共卫生;青年;教育"),
			list("北京;上海;广州;成都;武汉"),
			words("安 宁 海 山 江 南 北 东 西 平 林 河 州 阳 和 兴 云 石 金"),
			strings.Split("CPK|CK", "|"),
		},
		{
			"pt", words("PT BR AO MZ CV"),
			list("Associação;Universidade;Instituto;Centro;Fundação;Rede;Federação;Conselho"),
			list("dos Migrantes;dos Trabalhadores;dos Refugiados;das Mulheres;da Diáspora;dos Direitos Humanos;do Desenvolvimento;da Saúde"),
			list("Lisboa;São Paulo;Luanda;Maputo;Praia"),
			words("ca ra pi ri nho são bel mon te ju va lão gui ma rães ito"),
			strings.Split("K P de C|K C P", "|"),
		},
		{
			"de", words("DE AT CH"),
			list("Verein;Universität;Institut;Zentrum;Stiftung;Netzwerk;Verband;Forum;Gesellschaft"),
			list("für Migrationsforschung;der Flüchtlinge;für Entwicklung;der Arbeitnehmer;für Menschenrechte;der Frauen;für Gesundheit"),
			list("Berlin;Wien;Zürich;Hamburg;München"),
			words("bach heim berg stein wald hof en dorf rös mühl kir chen lau ters"),
			strings.Split("K P C|C K P", "|"),
		},
		{
			"hi", words("IN NP"),
			list("संघ;विश्वविद्यालय;संस्थान;केंद्र;न्यास;परिषद;समिति"),
			list("प्रवासी;श्रमिक;शरणार्थी;महिला;मानव अधिकार;विकास;स्वास्थ्य;युवा"),
			list("दिल्ली;मुंबई;पटना;लखनऊ"),
			words("रा म पु र ना ग का सी दे व गढ़ मि ला बा द"),
			strings.Split("C P K|P K C", "|"),
		},
		{
			"el", words("GR CY"),
			list("Ένωση;Πανεπιστήμιο;Ινστιτούτο;Κέντρο;Ίδρυμα;Δίκτυο;Σύλλογος"),
			list("Μεταναστών;Προσφύγων;Εργαζομένων;Γυναικών;Ανάπτυξης;Δικαιωμάτων;Υγείας"),
			list("Αθήνας;Θεσσαλονίκης;Πάτρας;Λευκωσίας"),
			words("κα λα μα βρι ση πο λι νη σα ρι τρο χω"),
			strings.Split("K P C", "|"),
		},
		{
			"uk", words("UA"),
			list("Асоціація;Інститут;Університет;Центр;Фонд;Спілка"),
			list("мігрантів;біженців;працівників;жінок;розвитку;прав людини"),
			list("Києва;Львова;Харкова;Одеси"),
			words("ки їв ще глин ів га ли чи на по діл ве ре"),
			strings.Split("K P C", "|"),
		},
		{
			"ja", words("JP"),
			list("協会;大学;研究所;センター;財団;連合会"),
			list("移民;労働者;難民;女性;人権;開発;国際交流"),
			list("東京;大阪;京都;札幌"),
			words("山 川 田 島 野 松 森 原 崎 浜 橋 谷"),
			strings.Split("CPK", "|"),
		},
		{
			"ko", words("KR"),
			list("협회;대학교;연구소;센터;재단;연합"),
			list("이주민;노동자;난민;여성;인권;개발"),
			list("서울;부산;대구;인천"),
			words("강 산 천 주 성 안 동 남 포 원 평 해"),
			strings.Split("C P K", "|"),
		},
		{
			"th", words("TH"),
			list("สมาคม;มหาวิทยาลัย;สถาบัน;ศูนย์;มูลนิธิ"),
			list("แรงงานข้ามชาติ;ผู้ลี้ภัย;สตรี;สิทธิมนุษยชน;การพัฒนา"),
			list("กรุงเทพ;เชียงใหม่;ขอนแก่น"),
			words("นา บาง เมือง ดอน ทอง แก้ว สาม ชัย"),
			strings.Split("KPC", "|"),
		},
		{
			"am", words("ET"),
			list("ማህበር;ዩኒቨርሲቲ;ተቋም;ማዕከል"),
			list("የስደተኞች;የሴቶች;የሰራተኞች;የልማት"),
			list("አዲስ አበባ;ጎንደር;መቀሌ"),
			words("ደ ብረ ማ ር ሐ ዋ ሳ ጅ ማ"),
			strings.Split("C P K", "|"),
		},
		{
			"bn", words("BD"),
			list("সমিতি;বিশ্ববিদ্যালয়;কেন্দ্র;ফাউন্ডেশন"),
			list("অভিবাসী;শ্রমিক;শরণার্থী;নারী;উন্নয়ন"),
			list("ঢাকা;চট্টগ্রাম;সিলেট"),
			words("না রা য়ণ গ ঞ্জ ম য় মন সিং"),
			strings.Split("C P K", "|"),
		},
	}
}
