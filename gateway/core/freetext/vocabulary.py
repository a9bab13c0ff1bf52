"""Short lists of words by the part that they play around names, addresses and places. All folded."""

from typing import Final


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


TITLES: Final = _set(
    "mr mrs ms miss mx dr doctor prof professor fr father rev reverend revd sr sir lady lord dame cllr "
    "judge hhj dj pc wpc dc ds di dci dcs dsu sgt sergeant insp inspector supt superintendent constable "
    "detective pcso spo so cm officer governor nurse sister auntie aunty aunt uncle nan nana nanna nanny "
    "gran granny grandad granddad grandpa grandma grampa imam pastor rabbi canon vicar cpn amhp sw hv iro "
    "pom com dsl senco idva isva vlo"
)
PLAIN_TITLES: Final = _set("mr mrs ms miss mx dr")
"""Those that take a name even in small letters, or an initial alone: `mrs c`."""

RANKS: Final = _set("pc wpc dc ds di dci sgt cllr cpn pcso fr rev prof sir lady")
"""In capitals, titles that nothing but a name follows."""

KIN: Final = _set(
    "mum mam mother dad father brother sister son daughter cousin niece nephew wife husband partner "
    "girlfriend boyfriend ex friend mate neighbour nbr stepdad stepmum stepfather stepmother stepson "
    "stepdaughter grandson granddaughter grandmother grandfather aunt auntie aunty uncle nan nana gran "
    "grandad grandma twin fiance fiancee baby young our little big colleague boss landlord landlady "
    "lodger flatmate cellmate associate"
)
ROLES: Final = _set(
    "prisoner officer worker carer teacher solicitor nurse midwife manager keyworker doctor witness "
    "suspect victim informant source warden interpreter headteacher head governor chaplain inmate "
    "resident patient pupil supervisor mentor coach driver chair assessor sergeant constable cllr named "
    "called nicknamed known name aka signed"
)
PARTICLES: Final = _set(
    "de da do dos del della di du la le van von der den ter ten al el bin ibn bint ap ab ferch ni nic mac "
    "mc fitz o st saint san ould abu umm ul ur y e af av"
)
PLACEHOLDERS: Final = _set("baby unborn infant child mr mrs ms miss master dr prof sir lady rev the and of")
"""Words that stand in the name field and mean nobody by themselves."""

STREETS: Final = _set(
    "street road lane close avenue drive way court crescent terrace place square gardens grove rise row "
    "walk hill yard mews croft fold bank view green park wharf steps parade gate garth ginnel fields "
    "mount vale quay embankment circus end brow heights chase ride path passage buildings villas cottages "
    "maltings tannery ropewalk loke wynd vennel boulevard crossing approach alley broadway causeway "
    "esplanade promenade estate site heol ffordd stryd lon clos maes cwm bridge corner drift wynd hey "
    "garths ings leys rope mead meadow "
    "dale lea hollow nook ley rigg hurst snicket fen moor holt staithe staithes knoll ridge dene shaw covert "
    "paddock paddocks orchards pastures acre acres chare brae gait twitten jitty pightle "
    "meadows orchard side spinney copse dell drove strand reach common"
)
SHORT_STREETS: Final = {
    "st": "street", "rd": "road", "ln": "lane", "cl": "close", "clo": "close", "ave": "avenue",
    "av": "avenue", "dr": "drive", "drv": "drive", "ct": "court", "crt": "court", "cres": "crescent",
    "cresc": "crescent", "ter": "terrace", "terr": "terrace", "tce": "terrace", "pl": "place",
    "sq": "square", "gdns": "gardens", "gdn": "gardens", "gr": "grove", "gro": "grove", "pk": "park",
    "wk": "walk", "hl": "hill", "yd": "yard", "est": "estate", "mt": "mount", "bldgs": "buildings",
    "blvd": "boulevard", "grn": "green", "hse": "house", "cott": "cottage", "bk": "bank",
}  # fmt: skip
HOMES: Final = _set(
    "cottage house lodge farm farmhouse barn hall loft apartments flats tower towers manor grange rectory "
    "vicarage smithy mill caravan bungalow villa annexe houseboat stables home homes hostel refuge haven "
    "retreat point"
)
PLACES: Final = _set(
    "school academy primary infants infant juniors junior high college nursery preschool playgroup creche "
    "sixth university grammar secondary comprehensive ysgol kindergarten bakery bakers vets veterinary "
    "optics opticians nails salon barbers barber hairdressers hair beauty garage garages cafe coffee "
    "tearooms restaurant pub inn arms tavern stores store shop shops bookshop newsagents butchers grocers "
    "pharmacy chemist chemists surgery practice clinic dental foods seeds homecare care daycare gym "
    "leisure church chapel mosque temple gurdwara synagogue club centre center library studio studios "
    "dance gymnastics swimming baths stables nurseries florist florists flowers motors autos cars taxis "
    "haulage logistics warehouse warehousing distribution packaging printers printing press solicitors "
    "accountants builders roofing plumbing joinery electrical cleaning laundry launderette catering "
    "kennels cattery rescue allotments market exchange mill mills works industries engineering supplies "
    "tiles carpets kitchens furniture interiors lettings properties travel hotel guesthouse theatre "
    "cinema museum fitness boxing karate judo rugby football cricket rovers united wanderers fc rfc "
    "scouts cubs brownies guides cadets project refuge lodge residential placement hospice laundries "
    "cleaners drycleaners foyer tearoom deli bookmakers bookies hotel "
    "law upholstery upholsterers plumbers electricals chambers paints pets plants carpentry nurserymen "
    "tots unit fryer diner barbershop optometrists tyres glazing scaffolding "
    "dairy dairies bistro grill kebab pizza chippy takeaway tattoo tattoos dogs grooming groomers sons "
    "daughters bros partners boutique fashions crafts pottery gallery"
)
PLACE_ADJECTIVES: Final = _set(
    "dental day primary infant junior secondary care nursing sixth form medical community youth boxing "
    "vet veterinary football leisure after pre special catholic high nail beauty caravan childrens retail "
    "garden sports social working mens womens childcare health food fish fried church village residential "
    "c of e ce rc roman voluntary aided controlled and specialist independent private guest bed tea "
    "coffee hair"
)
SCHOOLS: Final = _set(
    "primary infants juniors junior infant high school academy rc ce catholic college nursery"
)
INSTITUTIONS: Final = _set(
    "hmp yoi hospital infirmary prison constabulary police council trust ward magistrates crown tribunal "
    "cmht camhs mash probation hub custody university board commission ministry department authority "
    "borough general foundation nhs icb coroner coroners parliament cabinet directorate unit division "
    "policing immigration"
)
AFTER_TOWN: Final = _set(
    "office police station crown magistrates county court courts custody probation hospital prison mash "
    "cmht camhs council team hub branch area town centre bus railway train infirmary general ward wing "
    "houseblock"
)
COURTS: Final = _set("crown county magistrates family high youth supreme coroners appeal civil criminal")
SECTOR: Final = _set(
    "care service services worker team officer officers board court committee order act acts section unit "
    "police probation panel plan programme programmes conference meeting safeguarding social adult adults "
    "children childrens child family support health mental crown home office justice legal review report "
    "assessment protection public risk domestic abuse violence victim victims witness offender offenders "
    "management prison custody hospital emergency duty early help front door access partnership multi "
    "agency strategy core group case serious harm threshold notice letter form record records log "
    "statement intelligence information level category restricted confidential official sensitive "
    "relationships thinking skills behaviour behaviours course language line parole hearing licence "
    "release national international local authority department secretary state governor head deputy chair "
    "chief senior principal assistant director minister school liaison housing benefit benefits universal "
    "credit personal independence payment disability lasting power attorney appointeeship clinic"
)
FUNCTION: Final = _set(
    "im ive ill dont cant wont hes shes theyre theres its lets thats whats a an the this that these those "
    "he she it they we you i him her them us me his hers their our your my and or but nor so yet if when "
    "while as because although though since until after before once where who whom whose which what why "
    "how is are was were be been being am has have had do does did will would shall should can could may "
    "might must not no yes in on at by to from of for with without about into over under through between "
    "against during per via than then there here also only just very too all any both each few more most "
    "other some such own same now one two three four five six seven eight nine ten"
)
SPEECH: Final = _set(
    "said says told tells asked asks replied replies added adds stated states thinks thought believes "
    "believed knows knew wants wanted feels felt denies denied admits admitted claims claimed confirmed "
    "confirms reported reports explained explains agreed agrees refused refuses disclosed discloses "
    "alleges alleged described describes went goes came comes left leaves lives lived moved moves stays "
    "stayed works worked took takes has had is was will would could can does did doesnt didnt wasnt isnt "
    "wont and rang rings drew draws phoned called calls "
    "texted texts wrote writes attended attends seen saw sees "
    "heard hears met meets gave gives made makes got gets keeps kept shouted hit grabbed pushed punched "
    "threatened screamed cried laughed shook nodded looked looks appeared appears seemed seems presented "
    "presents remains remained continues continued started starts stopped stops tried tries needs needed "
    "cannot hasnt hadnt been done should who aged born to also then never always still arrived opened "
    "closed ran walks walked drove drives sat stood slept woke joined sent sends signed spoke speaks "
    "found finds hid hides hates loves likes let lets put puts pays paid owes misses missed may might "
    "must be answered turned turns showed shows begs hides wets drinks cries shouts eats plays sits "
    "stands signs speaks sees uses owns hopes fears bites kicks prefers later soon once "
    "accepts expects visits receives manages turns regrets"
)
BEFORE_NAME: Final = _set(
    "tell told ask asked asks tells see saw seen with by from to cos that and for our young big little "
    "take takes took taken hit hits said says say re met meet rang ring phone phoned text texted texting "
    "call called calls named dear love miss missed hate hates leave left bring brought get got give gave "
    "showed let lets wants want wanted hi hiya where when if as like about than because mum dad nan "
    "auntie aunty uncle grandad nana hurt pick picked collect collected at hold helped help know knows "
    "sort kill stab batter trust blame warn follow fetch visit marry feed nick grass "
    "followed chased grabbed knew wheres whos how's did does has"
)
AFTER_NAME: Final = SPEECH | _set(
    "out up off back down alone u r tonight tomorrow today tmrw tomoz yesterday who pls please plz any "
    "every each everything nothing anything "
    "s i im ive ill he she they shook because cos when while at in on with from if so too again x"
)
DETERMINERS: Final = _set(
    "a an the this that these those his her its their our your my no any some each every another what "
    "which of much more most very too so as"
)
ACRONYMS: Final = _set(
    "pc dc ds di ip oic vlo sw da dv mh ni nhs po pom so cp cin la hv gp ap cm tv pe it id uk us eu pm am "
    "ok vs ac re rj ra cs ca cps mp hmp pnc cro crn dob nfa npt asb cse cce bwv cctv om omu ppu dsl tac "
    "cpa icpc rcpc nrm mdt aa na er ed ae bp gbh abh osg cid pin sim usb dvd bbc iom pip esa uc ot slt "
    "ehc sen lac uasc nai fii dr mr mrs ms pr nr hr ft dpo ico plo pdu spo sdr cso cjs dbs ppm pcp lpa "
    "imca dols mca mha st rd cc ccn fi sd pa pd tc ts pt ir vps sor fl ch cl hw nb nk ns ta tba tbc ne nw "
    "se al mo"
)
"""Capitals of the sector that are initials of a person only with stops between them."""

AUXILIARIES: Final = _set("will would could can should may might must be been needed done")

PASTS: Final = _set(
    "is was has had did said told thought knew felt went came left took rang wrote saw heard met gave made "
    "got kept hit shook put paid hid ran drove sat stood "
    "slept woke sent spoke found let drew began brought bought "
    "broke caught chose cut fell fought forgot grew held "
    "hurt knocked lay led lost meant read rode rose sang "
    "used showed shut spent stole swore taught threw tore understood won wore"
)
"""Past and present forms of verbs that need a subject."""

BEFORE_WORD: Final = _set(
    "i we you they who is are was were be been being am not never very quite too more less much some so to"
)
"""What stands before an ordinary word rather than before a name."""

SEASONS: Final = _set(
    "summer winter autumn spring dawn dusk noon eve "
    "christmas easter noel midsummer sunrise sunset april may "
    "june august march"
)

FINITES: Final = _set("has had was is said says told wants went goes came")  # right after whoever does it

PLACING: Final = _set("at in on from to of for but back home alone upset asleep awake away late")
"""What never follows the verb `will`."""

NOTED: Final = _set(
    "to not arr nfa refusing due aged now out off at with back polite upset seen present absent"
)
"""What notes put right after a name."""

CALLING: Final = _set("call called calling calls named naming told tell")

DESCRIBING: Final = _set(
    "frank rich merry sunny dusty rusty misty sandy olive amber ginger scarlet violet hazel coral happy "
    "lucky may will young gay bright dawn summer rosy true noble early art precious innocent close"
)
"""Names that are also what somebody or something may be."""

PREPOSITIONS: Final = _set("for about by like than from with to that")

TAKING: Final = _set("told tell asked ask saw met made let rang phoned texted hit hurt gave")
"""Verbs that stand right before a person."""

MONTHS: Final = _set(
    "jan feb mar apr jun jul aug sep sept oct nov dec mon tue wed thu fri sat sun may april june august "
    "march january february july september october november december"
)

PUBS: Final = _set(
    "lantern lion swan plough anchor hart wheatsheaf oak fleece horse bull stag star fox turtles acorns "
    "ladybirds"
)
"""Nouns that end the name of a pub or a nursery; ordinary inside other names."""

PUBS_ALONE: Final = PUBS | _set(
    "crown bell feathers greyhound railway ship royal george volunteer woolpack malt shovel barleycorn "
    "harrow castle cricketers fountain globe griffin unicorn dolphin rose thistle hare hounds pheasant raven "
    "falcon eagle swallow kingfisher tap vaults tavern sun moon angel mitre nelson albion foresters "
    "masons carpenters bricklayers drovers hawthorn chequers compasses"
)
"""What a pub may be called after `the`, such as `at the Crown`."""

NAMING_PLACES: Final = _set("market mill garden exchange theatre crown")
"""Place nouns that also begin the names of shops and homes: `Market Bakery`."""

SHARED_PLACES: Final = _set("centre center court place street square hall")

PAIRS: Final = frozenset(
    {
        ("post", "office"), ("fish", "bar"), ("swimming", "pool"), ("snack", "bar"), ("coffee", "bar"),
        ("wine", "bar"), ("call", "centre"), ("sorting", "office"), ("food", "bank"), ("driving", "range"),
        ("leisure", "pool"), ("leisure", "centre"), ("tyre", "bay"), ("ice", "rink"),
    }
)  # fmt: skip
"""Two words that name a place together."""

SMALL_PAIRS: Final = PAIRS | frozenset(
    {
        ("care", "home"), ("nursing", "home"), ("rest", "home"), ("residential", "home"), ("chip", "shop"),
        ("charity", "shop"), ("betting", "shop"), ("corner", "shop"), ("day", "centre"),
    }
)  # fmt: skip

WELSH_PLACES: Final = _set(
    "ysgol canolfan cylch meithrin eglwys capel tafarn plas hafod maes llys nant cae cefn llwyn bwthyn fferm "
    "siop tyddyn cwm llety stryd heol ffordd"
)
"""Nouns that stand first in the Welsh name of a home, a street or a school."""

TOWARDS: Final = _set(
    "approach approached avoid at in outside inside near behind opposite from to into by visits visit joined"
)

BEFORE_PLACE: Final = _set(
    "at outside attends attend attending attended near called via inside behind opposite joined joins "
    "managing manages runs owns opened"
)

WORKS_WORDS: Final = _set("home homes house hostel flats apartments hall job town city local hotel")

GENERIC_WORDS: Final = _set(
    "florist baker butcher chemist grocer dentist vet hairdresser newsagent optician barber"
)

HOLY_WORDS: Final = _set(
    "home homes point house works exchange market press partners project united travel properties "
    "supplies care dental hair beauty high swimming dance grooming dogs cars industries infant junior "
    "secondary boxing sixth united"
)

JOINT_WORDS: Final = _set(
    "in since until till by of last next this every early late mid from end on before after during "
    "through between around to and"
)

MODALS_WORDS: Final = _set(
    "spoke said talk talked talking lied written wrote listen next married given gave shown close"
)

AFTER_WORD: Final = _set("of no not be that the a an to for it you we they")
