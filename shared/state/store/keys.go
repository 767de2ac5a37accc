package store

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"hash/fnv"
	"strings"
	"time"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/state/table"
)

// Every key of the table is built in this file.
//
//	item          pk                          sk                        g1 (pk / sk)                         g2 (pk / sk)
//	STAKEHOLDER   STAKEHOLDER#id              PROFILE                   STATUS#status / submitted#id         DUE#shard / when#id
//	LEDGER        STAKEHOLDER#id              LEDGER
//	RELATION      STAKEHOLDER#from            RELATION#id               RELATED#to / id                      DUE#shard / when#id
//	MOVED         STAKEHOLDER#from            RELATION#id
//	MENTION       STAKEHOLDER#id              MENTION#noun#id
//	STUBCLAIM     STAKEHOLDER#id              STUBCLAIM#id              CLAIMS#state / asked#id              DUE#shard / when#id
//	VOUCHING      VOUCHING#unit               claim
//	CASE          STAKEHOLDER#id              CASE                      ASSIGNED#moderator / since#id
//	SCREENING     STAKEHOLDER#id              SCREENING                 SCREENINGS#state / found#id
//	TOSCREEN      STAKEHOLDER#id              TOSCREEN#names                                                 DUE#shard / when#id
//	SANCTIONS     SANCTIONS                   LIST
//	SANCTION      SANCTIONS#edition           ENTRY#reference
//	RELAYED       RELAYED#id                  RELAYED
//	RELAYCOUNT    RELAYED#stakeholder#hash    day
//	RELAYSENDER   RELAYSENDER#hash            RELAYSENDER
//	UPLOAD        STAKEHOLDER#id              UPLOAD#id                                                      DUE#shard / when#id
//	CLAIM         NAME#.. or IDENTIFIER#..    CLAIM#stakeholder
//	HOLDER        NAME#.. or IDENTIFIER#..    HOLDER
//	DISTINCTION   PAIR#id#id                  DISTINCTION
//	MERGE         MERGE#id                    MERGE                                                          DUE#shard / when#id
//	ADDRESS       ADDRESS#hash                CONTACT#stakeholder#id
//	SUPPRESSION   ADDRESS#hash                SUPPRESSION
//	SPONSORSHIP   SPONSOR#unit                STAKEHOLDER#id
//	MANDATE       STAKEHOLDER#id              MANDATE#id
//	AMENDMENT     AMENDMENTS                  asked#stakeholder
//	EVENT         EVENT#id                    EVENT                     UNIT#unit / starts#id                DUE#shard / when#id
//	UNIT          UNIT#id                     UNIT                      UNITS / id
//	RULE          RULE#id                     RULE                      RULES#unit / id                      DUE#shard / when#id
//	SEARCH        SEARCH#id                   SEARCH                    SEARCHES#unit or #hash / id
//	ALERT         SEARCH#id                   ALERT                                                          DUE#shard / when#id
//	SEARCH_USE    SEARCH#id                   USE#noun#id
//	PUBLIC_EVENT  PUBLIC#EVENTS               starts#id
//	SERIES        SERIES#id                   SERIES
//	UNIT_SERIES   SERIESOF#unit               id
//	SERIES_EVENT  SERIES#id                   EVENT#starts#id
//	COUNTS        EVENT#id                    COUNTS
//	PANEL         EVENT#id                    PANEL
//	ANNOUNCEMENT  EVENT#id                    ANNOUNCEMENT#id                                                DUE#shard / when#id
//	CERTIFICATE   CERTIFICATE#hash            CERTIFICATE
//	LETTER        LETTER#hash                 LETTER                                                         DUE#shard / when#hash
//	INVITATION    EVENT#id                    INVITATION#contact        INVITED#stakeholder / created#event  DUE#shard / when#id
//	ACCREDITATION EVENT#id                    ACCREDITATION#stakeholder                                      DUE#shard / when#id
//	SEATS         EVENT#id                    SEATS or SEATS#stakeholder
//	WAITING       EVENT#id                    WAITING#since#contact
//	SESSION       SESSION#hash                SESSION                   ACCESS#contact / expires#hash
//	SECRET        SECRET#hash                 SECRET                    ACCESS#contact / expires#hash
//	FEED          FEED#contact                FEED
//	ONCE          ONCE#scope#key              ONCE                      ANSWERED#noun#id / scope#key
//	MESSAGE       MESSAGE#id                  MESSAGE                   MAILED#contact or hash / id
//	OUTBOX        OUTBOX#id                   OUTBOX
//	ERASURE       ERASURE#id                  ERASURE                                                        DUE#shard / when#id
//	AUDIT         AUDIT#noun#id               version, 20 digits
//	CURSOR        CURSOR#reader               CURSOR
//	QUEUE         QUEUE#name                  when#id
const (
	typeStakeholder = "STAKEHOLDER"
	typeLedger      = "LEDGER"
	typeRelation    = "RELATION"
	typeMoved       = "MOVED"
	typeMention     = "MENTION"
	typeStubClaim   = "STUBCLAIM"
	typeVouching    = "VOUCHING"
	typeCase        = "CASE"
	typeScreening   = "SCREENING"
	typeToScreen    = "TOSCREEN"
	typeSanction    = "SANCTION"

	typeSanctionsList = "SANCTIONS"

	typeRelayed     = "RELAYED"
	typeRelayCount  = "RELAYCOUNT"
	typeRelaySender = "RELAYSENDER"
	typeClaim       = "CLAIM"
	typeHolder      = "HOLDER"
	typeDistinction = "DISTINCTION"
	typeMerge       = "MERGE"
	typeAddress     = "ADDRESS"
	typeSuppression = "SUPPRESSION"
	typeSponsorship = "SPONSORSHIP"
	typeAmendment   = "AMENDMENT"
	typeMandate     = "MANDATE"
	typeUpload      = "UPLOAD"
	typeEvent       = "EVENT"
	typeUnit        = "UNIT"
	typeRule        = "RULE"
	typeSearch      = "SEARCH"
	typeAlert       = "ALERT"
	typeSearchUse   = "SEARCH_USE"
	typePublicEvent = "PUBLIC_EVENT"
	typeSeries      = "SERIES"
	typeUnitSeries  = "UNIT_SERIES"
	typeSeriesEvent = "SERIES_EVENT"
	typeCounts      = "COUNTS"
	typePanel       = "PANEL"
	typeInvitation  = "INVITATION"
	typeCertificate = "CERTIFICATE"
	typeLetter      = "LETTER"
	typeAnnounced   = "ANNOUNCEMENT"
	typeAccredited  = "ACCREDITATION"
	typeSeats       = "SEATS"
	typeWaiting     = "WAITING"
	typeSession     = "SESSION"
	typeSecret      = "SECRET"
	typeFeed        = "FEED"
	typeOnce        = "ONCE"
	typeMessage     = "MESSAGE"
	typeOutbox      = "OUTBOX"
	typeErasure     = "ERASURE"
	typeAudit       = "AUDIT"
	typeCursor      = "CURSOR"
	typeQueue       = "QUEUE"
)

// dueShards spreads what is due over partitions of the second index, so that
// ten thousand invitations due at one moment are not one hot partition.
const dueShards = 4

func stakeholderKey(id string) table.Key {
	return table.Key{PK: "STAKEHOLDER#" + id, SK: "PROFILE"}
}

func ledgerKey(stakeholder string) table.Key {
	return table.Key{PK: "STAKEHOLDER#" + stakeholder, SK: "LEDGER"}
}

// relationKey finds a relation by its id, which begins with its From end.
func relationKey(id string) table.Key {
	from, _, _ := strings.Cut(id, ".")
	return table.Key{PK: "STAKEHOLDER#" + from, SK: relationPrefix + id}
}

func mentionKey(stakeholder string, m mention) table.Key {
	return table.Key{PK: "STAKEHOLDER#" + stakeholder, SK: mentionPrefix + m.noun + "#" + m.id}
}

const mentionPrefix = "MENTION#"

// stubClaimKey finds a claim by its id, which begins with its stakeholder.
func stubClaimKey(id string) table.Key {
	stakeholder, _, _ := strings.Cut(id, "_")
	return table.Key{PK: "STAKEHOLDER#" + stakeholder, SK: stubClaimPrefix + id}
}

const stubClaimPrefix = "STUBCLAIM#"

func stubClaimStateKey(state directory.ClaimState, at time.Time, id string) table.Key {
	return table.Key{PK: "CLAIMS#" + string(state), SK: instant(at) + "#" + id}
}

func caseKey(stakeholder string) table.Key {
	return table.Key{PK: "STAKEHOLDER#" + stakeholder, SK: "CASE"}
}

func assignedKey(moderator string, since time.Time, stakeholder string) table.Key {
	return table.Key{PK: assignedPartition(moderator), SK: instant(since) + "#" + stakeholder}
}

// assignedPartition hashes what a client may name as a moderator.
func assignedPartition(moderator string) string { return "ASSIGNED#" + hash(moderator) }

func screeningKey(stakeholder string) table.Key {
	return table.Key{PK: "STAKEHOLDER#" + stakeholder, SK: "SCREENING"}
}

func screeningStateKey(open bool, at time.Time, stakeholder string) table.Key {
	state := "settled"
	if open {
		state = "open"
	}
	return table.Key{PK: "SCREENINGS#" + state, SK: instant(at) + "#" + stakeholder}
}

// toScreenKey has what the names are in it: with other names it is another.
func toScreenKey(stakeholder, names string) table.Key {
	return table.Key{PK: "STAKEHOLDER#" + stakeholder, SK: "TOSCREEN#" + names}
}

func sanctionsListKey() table.Key { return table.Key{PK: "SANCTIONS", SK: "LIST"} }

func sanctionKey(edition, reference string) table.Key {
	return table.Key{PK: "SANCTIONS#" + edition, SK: "ENTRY#" + reference}
}

func vouchingKey(unit, claim string) table.Key {
	return table.Key{PK: "VOUCHING#" + unit, SK: claim}
}

func relayedKey(id string) table.Key { return table.Key{PK: "RELAYED#" + id, SK: "RELAYED"} }

// relayCountKey hashes what a sender writes in the place of a contact's id.
func relayCountKey(stakeholder, contact string, at time.Time) table.Key {
	return table.Key{PK: "RELAYED#" + stakeholder + "#" + hash(contact), SK: at.UTC().Format(time.DateOnly)}
}

func relaySenderKey(id string) table.Key {
	return table.Key{PK: "RELAYSENDER#" + hash(id), SK: "RELAYSENDER"}
}

const relationPrefix = "RELATION#"

func relatedKey(to, id string) table.Key { return table.Key{PK: "RELATED#" + to, SK: id} }

func statusKey(s directory.Status, at time.Time, id string) table.Key {
	return table.Key{PK: "STATUS#" + string(s), SK: instant(at) + "#" + id}
}

func nameClaim(nameKey, stakeholder string) table.Key {
	return table.Key{PK: "NAME#" + hash(nameKey), SK: "CLAIM#" + stakeholder}
}

func identifierClaim(id directory.Identifier, stakeholder string) table.Key {
	return table.Key{PK: identifierPartition(id), SK: "CLAIM#" + stakeholder}
}

func identifierHolder(id directory.Identifier) table.Key {
	return table.Key{PK: identifierPartition(id), SK: "HOLDER"}
}

func nameHolder(nameKey string) table.Key {
	return table.Key{PK: "NAME#" + hash(nameKey), SK: "HOLDER"}
}

// identifierPartition is readable where that is safe: schemes and ids are
// checked by the domain, and long ones are hashed to keep the key in bounds.
func identifierPartition(id directory.Identifier) string {
	if len(id.ID) > 200 {
		return "IDENTIFIER#" + id.Scheme + "#" + hash(id.ID)
	}
	return "IDENTIFIER#" + id.Scheme + "#" + id.ID
}

const claimPrefix = "CLAIM#"

// distinctionKey is that of a pair, the lesser id first.
func distinctionKey(one, other string) table.Key {
	return table.Key{PK: "PAIR#" + one + "#" + other, SK: "DISTINCTION"}
}

func mergeKey(id string) table.Key { return table.Key{PK: "MERGE#" + id, SK: "MERGE"} }

func addressKey(addressHash, stakeholder, contact string) table.Key {
	return table.Key{PK: "ADDRESS#" + addressHash, SK: contactPrefix + stakeholder + "#" + contact}
}

const contactPrefix = "CONTACT#"

func suppressionKey(addressHash string) table.Key {
	return table.Key{PK: "ADDRESS#" + addressHash, SK: "SUPPRESSION"}
}

func uploadKey(stakeholder, id string) table.Key {
	return table.Key{PK: stakeholderKey(stakeholder).PK, SK: uploadPrefix + id}
}

const uploadPrefix = "UPLOAD#"

func sponsorKey(unit, stakeholder string) table.Key {
	return table.Key{PK: "SPONSOR#" + unit, SK: "STAKEHOLDER#" + stakeholder}
}

func mandateKey(stakeholder, id string) table.Key {
	return table.Key{PK: stakeholderKey(stakeholder).PK, SK: mandatePrefix + id}
}

const mandatePrefix = "MANDATE#"

// amendmentKey lists an amendment that waits for a moderator, by when it was asked
// for.
func amendmentKey(asked time.Time, stakeholder string) table.Key {
	return table.Key{PK: amendmentsPartition, SK: instant(asked) + "#" + stakeholder}
}

const amendmentsPartition = "AMENDMENTS"

func eventKey(id string) table.Key { return table.Key{PK: "EVENT#" + id, SK: "EVENT"} }

func unitKey(e *convening.Event) table.Key {
	return table.Key{PK: "UNIT#" + e.Unit, SK: instant(e.Starts) + "#" + e.ID}
}

func unitRecordKey(id string) table.Key { return table.Key{PK: "UNIT#" + id, SK: "UNIT"} }

func ruleKey(id string) table.Key { return table.Key{PK: "RULE#" + id, SK: "RULE"} }

func rulesOf(unit string) string { return "RULES#" + unit }

func searchKey(id string) table.Key { return table.Key{PK: "SEARCH#" + id, SK: "SEARCH"} }

// alertKey stands beside the search for as long as its alert is on.
func alertKey(search string) table.Key { return table.Key{PK: searchKey(search).PK, SK: "ALERT"} }

// searchUseKey notes what rests on a saved search.
func searchUseKey(search, noun, id string) table.Key {
	return table.Key{PK: searchKey(search).PK, SK: searchUsePrefix + noun + "#" + id}
}

const searchUsePrefix = "USE#"

func sharedSearches(unit string) string { return "SEARCHES#" + unit }

func ownSearches(unit, owner string) string { return "SEARCHES#" + unit + "#" + hash(owner) }

// publicEventKey lists a public event beside all others, by its start.
func publicEventKey(e *convening.Event) table.Key {
	return table.Key{PK: publicEvents, SK: instant(e.Starts) + "#" + e.ID}
}

const publicEvents = "PUBLIC#EVENTS"

// seriesEventKey lists an event with its series, by its start.
func seriesEventKey(e *convening.Event) table.Key {
	return table.Key{PK: seriesKey(e.Series).PK, SK: seriesEventPrefix + instant(e.Starts) + "#" + e.ID}
}

const seriesEventPrefix = "EVENT#"

func seriesKey(id string) table.Key { return table.Key{PK: "SERIES#" + id, SK: "SERIES"} }

// unitSeriesKey lists a series with a unit that organises it.
func unitSeriesKey(unit, series string) table.Key {
	return table.Key{PK: "SERIESOF#" + unit, SK: series}
}

func countsKey(event string) table.Key { return table.Key{PK: "EVENT#" + event, SK: "COUNTS"} }

// panelKey stands beside the event, so that a panel is found and erased with it.
func panelKey(event string) table.Key { return table.Key{PK: "EVENT#" + event, SK: "PANEL"} }

func invitationKey(event, contact string) table.Key {
	return table.Key{PK: "EVENT#" + event, SK: invitationPrefix + contact}
}

const invitationPrefix = "INVITATION#"

func announcementKey(event, id string) table.Key {
	return table.Key{PK: "EVENT#" + event, SK: announcementPrefix + id}
}

// certificateKey hashes the code, which comes from anybody.
func certificateKey(code string) table.Key {
	return table.Key{PK: "CERTIFICATE#" + hash(code), SK: "CERTIFICATE"}
}

// letterKey hashes the code, as certificateKey does.
func letterKey(code string) table.Key {
	return table.Key{PK: "LETTER#" + hash(code), SK: "LETTER"}
}

const announcementPrefix = "ANNOUNCEMENT#"

func accreditationKey(event, stakeholder string) table.Key {
	return table.Key{PK: eventKey(event).PK, SK: accreditationPrefix + stakeholder}
}

const accreditationPrefix = "ACCREDITATION#"

// seatsKey is where the places of an event that are taken are counted, or those
// of one stakeholder at it.
func seatsKey(event, stakeholder string) table.Key {
	if stakeholder == "" {
		return table.Key{PK: "EVENT#" + event, SK: "SEATS"}
	}
	return table.Key{PK: "EVENT#" + event, SK: "SEATS#" + stakeholder}
}

// waitingKey orders who waits by when they accepted.
func waitingKey(i *convening.Invitation) table.Key {
	return table.Key{PK: "EVENT#" + i.EventID, SK: waitingPrefix + instant(*i.WaitingFrom) + "#" + i.Contact}
}

const waitingPrefix = "WAITING#"

func invitedKey(i *convening.Invitation) table.Key {
	return table.Key{PK: invitedPartition(i.Stakeholder), SK: instant(i.CreatedAt) + "#" + i.EventID}
}

func invitedPartition(stakeholder string) string { return "INVITED#" + stakeholder }

// dueKey places an item where the planner looks, or nowhere when nothing is due.
func dueKey(at *time.Time, id string) table.Key {
	if at == nil {
		return table.Key{}
	}
	h := fnv.New32a()
	h.Write([]byte(id))
	return table.Key{PK: duePartition(int(h.Sum32() % dueShards)), SK: instant(*at) + "#" + id}
}

func duePartition(shard int) string { return fmt.Sprintf("DUE#%d", shard) }

func sessionKey(tokenHash string) table.Key {
	return table.Key{PK: "SESSION#" + tokenHash, SK: "SESSION"}
}

func secretKey(tokenHash string) table.Key {
	return table.Key{PK: "SECRET#" + tokenHash, SK: "SECRET"}
}

func feedKey(contact string) table.Key { return table.Key{PK: "FEED#" + contact, SK: "FEED"} }

func onceKey(scope, key string) table.Key {
	return table.Key{PK: "ONCE#" + scope + "#" + hash(key), SK: "ONCE"}
}

// answeredPartition is where the answers lie that were kept with writes of an
// aggregate, by a key of its trail. They may show it, and go when it is erased.
func answeredPartition(trail table.Key) string {
	return "ANSWERED#" + strings.TrimPrefix(trail.PK, "AUDIT#")
}

// accessPartition is where the sessions and links of a contact lie.
func accessPartition(contact string) string { return "ACCESS#" + contact }

// mailedPartition is where the mails to a contact lie, or to the hash of an
// address.
func mailedPartition(to string) string { return "MAILED#" + to }

func erasureKey(id string) table.Key { return table.Key{PK: "ERASURE#" + id, SK: "ERASURE"} }

func messageKey(id string) table.Key { return table.Key{PK: "MESSAGE#" + id, SK: "MESSAGE"} }

func outboxKey(id string) table.Key { return table.Key{PK: "OUTBOX#" + id, SK: "OUTBOX"} }

func auditKey(noun, id string, version int64) table.Key {
	return table.Key{PK: "AUDIT#" + noun + "#" + id, SK: fmt.Sprintf("%020d", version)}
}

func cursorKey(reader string) table.Key { return table.Key{PK: "CURSOR#" + reader, SK: "CURSOR"} }

func queueKey(name string, at time.Time, id string) table.Key {
	return table.Key{PK: queuePartition(name), SK: instant(at) + "#" + id}
}

func queuePartition(name string) string { return "QUEUE#" + name }

// instant is a time that sorts as text: UTC, fixed width, to the millisecond.
func instant(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// hash is SHA-256 in base64url: what is looked up by is not readable in a key.
func hash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// AddressHash is how a mail address is looked up.
func AddressHash(address string) string { return hash(directory.CanonicalAddress(address)) }
