package taxonomy

import (
	"flag"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

//go:generate go test -run TestNamesAreThoseOfCLDR -update .

var update = flag.Bool("update", false, "write the files of names anew")

func TestNamesAreThoseOfCLDR(t *testing.T) {
	codes := slices.Concat(Countries(), Groups())
	for _, r := range Regions() {
		codes = append(codes, r.Code)
	}
	slices.Sort(codes)
	for i, lang := range UNLanguages() {
		want := "# Made by go generate of CLDR " + language.CLDRVersion + " as golang.org/x/text/language/display has it, and of newerNames.\n"
		for _, code := range codes {
			want += code + "\t" + currentName(t, code, i) + "\n"
		}
		path := "names/" + lang + ".txt"
		if *update {
			if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(string(got), "\n")); diff != "" {
			t.Errorf("%s is stale: go generate ./shared/domain/taxonomy\n%s", path, diff)
		}
	}
}

// currentName is the name in the i-th of UNLanguages.
func currentName(t *testing.T, code string, i int) string {
	t.Helper()
	if names, ok := newerNames()[code]; ok {
		return names[i]
	}
	region, err := language.ParseRegion(code)
	if err != nil {
		t.Fatalf("%s: %v", code, err)
	}
	return display.Regions(language.MustParse(UNLanguages()[i])).Name(region)
}

// newerNames holds what x/text lacks or has under an older name, in the order
// of UNLanguages: official short names, and the titles of M49.
func newerNames() map[string][6]string {
	return map[string][6]string{
		"CV":  {"كابو فيردي", "佛得角", "Cabo Verde", "Cabo Verde", "Кабо-Верде", "Cabo Verde"},
		"MK":  {"مقدونيا الشمالية", "北马其顿", "North Macedonia", "Macédoine du Nord", "Северная Македония", "Macedonia del Norte"},
		"PS":  {"دولة فلسطين", "巴勒斯坦国", "State of Palestine", "État de Palestine", "Государство Палестина", "Estado de Palestina"},
		"SZ":  {"إسواتيني", "斯威士兰", "Eswatini", "Eswatini", "Эсватини", "Eswatini"},
		"TR":  {"تركيا", "土耳其", "Türkiye", "Türkiye", "Турция", "Türkiye"},
		"001": {"العالم", "世界", "World", "Monde", "Мир", "Mundo"},
		"053": {"أستراليا ونيوزيلندا", "澳大利亚和新西兰", "Australia and New Zealand", "Australie et Nouvelle-Zélande", "Австралия и Новая Зеландия", "Australia y Nueva Zelandia"},
		"057": {"ميكرونيزيا", "密克罗尼西亚", "Micronesia", "Micronésie", "Микронезия", "Micronesia"},
		"202": {"أفريقيا جنوب الصحراء الكبرى", "撒哈拉以南非洲", "Sub-Saharan Africa", "Afrique subsaharienne", "Африка к югу от Сахары", "África Subsahariana"},
		"419": {"أمريكا اللاتينية ومنطقة البحر الكاريبي", "拉丁美洲和加勒比", "Latin America and the Caribbean", "Amérique latine et Caraïbes", "Латинская Америка и Карибский бассейн", "América Latina y el Caribe"},
		"199": {"أقل البلدان نموا", "最不发达国家", "Least developed countries", "Pays les moins avancés", "Наименее развитые страны", "Países menos adelantados"},
		"432": {"البلدان النامية غير الساحلية", "内陆发展中国家", "Landlocked developing countries", "Pays en développement sans littoral", "Развивающиеся страны, не имеющие выхода к морю", "Países en desarrollo sin litoral"},
		"722": {"الدول الجزرية الصغيرة النامية", "小岛屿发展中国家", "Small island developing States", "Petits États insulaires en développement", "Малые островные развивающиеся государства", "Pequeños Estados insulares en desarrollo"},
	}
}
