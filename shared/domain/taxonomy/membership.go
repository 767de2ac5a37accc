package taxonomy

import "strings"

// The groups of countries of UN M49.
const (
	LeastDeveloped = "199" // least developed countries (LDC)
	Landlocked     = "432" // landlocked developing countries (LLDC)
	SmallIslands   = "722" // small island developing States (SIDS), territories among them as in M49
)

// Groups returns the M49 codes of the groups of countries.
func Groups() []string { return []string{LeastDeveloped, Landlocked, SmallIslands} }

// Membership is a country's time in a group. From and Until are dates of ISO
// 8601, as exact as they are known ("1971", "2007-12", "2017-06-04"); an empty
// From is unknown, an empty Until undecided. Until is the first day outside.
type Membership struct {
	Country string
	Group   string
	From    string
	Until   string
}

// holds compares as text: a shorter date stands before every day within it.
func (m Membership) holds(day string) bool {
	return m.From <= day && (m.Until == "" || day < m.Until)
}

// membership reads "AO", "AO/1994" or "VU/1985/2020-12-04".
func membership(group, entry string) Membership {
	country, dates, _ := strings.Cut(entry, "/")
	from, until, _ := strings.Cut(dates, "/")
	return Membership{country, group, from, until}
}

// groupMembers lists each group's members with the years in which the LDCs were
// included and the dates on which they graduated or are to graduate. Graduations
// still to come are those that the General Assembly had set by RegionsVersion.
func groupMembers() map[string]string {
	return map[string]string{
		LeastDeveloped: `
			AF/1971 BJ/1971 BF/1971 BI/1971 TD/1971 ET/1971 GN/1971 HT/1971 LS/1971 MW/1971 ML/1971 NE/1971
			RW/1971 SO/1971 SD/1971 UG/1971 TZ/1971 YE/1971 CF/1975 GM/1975 KM/1977 GW/1981 DJ/1982 SL/1982
			TG/1982 KI/1986 MR/1986 TV/1986 MM/1987 MZ/1988 LR/1990 KH/1991 CD/1991 MG/1991 ZM/1991 AO/1994
			ER/1994 SN/2000 TL/2003 SS/2012
			BD/1975/2026-11-24 LA/1971/2026-11-24 NP/1971/2026-11-24 SB/1991/2027-12-13
			BW/1971/1994-12 CV/1977/2007-12 MV/1971/2011-01-01 WS/1971/2014-01-01 GQ/1982/2017-06-04
			VU/1985/2020-12-04 BT/1971/2023-12-13 ST/1982/2024-12-13`,
		Landlocked: `
			AF AM AZ BO BF BI BT BW CF TD ET KG KZ LA LS MD MK ML MN MW NE NP PY RW SS SZ TJ TM UG UZ ZM ZW`,
		SmallIslands: `
			AG BS BB BZ CU DM DO GD GY HT JM KN LC VC SR TT
			CV KM GW MV MU ST SC SG
			CK FJ KI MH FM NR NU PW PG WS SB TL TO TV VU
			AI AW BQ VG CW MS PR SX VI AS GU MP NC PF`,
	}
}
