"""The words of `identities.py`: names of groups of people, and the words around them.

Written from general knowledge, not taken from a data set or from template files; no slurs. An item
is one group as `adjective/one person/several`, with `-` for a form that is not in use. The groups
of a category can stand in each other's place in any sentence.
"""

from __future__ import annotations

from typing import Literal

_GROUPS = {
    "religion": """
        muslim/muslim/muslims jewish/jew/jews christian/christian/christians hindu/hindu/hindus
        catholic/catholic/catholics protestant/protestant/protestants sikh/sikh/sikhs
        buddhist/buddhist/buddhists atheist/atheist/atheists mormon/mormon/mormons islamic/-/-
        evangelical/evangelical/evangelicals agnostic/agnostic/agnostics
    """,
    "faith": """
        -/islam/- -/judaism/- -/christianity/- -/catholicism/- -/hinduism/- -/buddhism/-
        -/sikhism/- -/atheism/- -/protestantism/-
    """,
    "race": """
        black/-/blacks white/-/whites brown/-/- asian/asian/asians hispanic/hispanic/hispanics
        latino/latino/latinos latina/latina/latinas arab/arab/arabs caucasian/caucasian/caucasians
        african_american/african_american/african_americans middle_eastern/-/- indigenous/-/-
        native_american/native_american/native_americans biracial/-/- mixed_race/-/-
        asian_american/asian_american/asian_americans
    """,
    "nationality": """
        american/american/americans canadian/canadian/canadians mexican/mexican/mexicans
        chinese/-/chinese japanese/-/japanese european/european/europeans african/african/africans
        indian/indian/indians german/german/germans russian/russian/russians french/-/french
        irish/-/irish english/-/english british/brit/british spanish/spaniard/spaniards
        turkish/turk/turks polish/-/polish italian/italian/italians iranian/iranian/iranians
        iraqi/iraqi/iraqis vietnamese/-/vietnamese nigerian/nigerian/nigerians
        somali/somali/somalis israeli/israeli/israelis palestinian/palestinian/palestinians
        pakistani/pakistani/pakistanis greek/greek/greeks australian/australian/australians
        brazilian/brazilian/brazilians korean/korean/koreans syrian/syrian/syrians
        ukrainian/ukrainian/ukrainians egyptian/egyptian/egyptians afghan/afghan/afghans
        cuban/cuban/cubans romanian/romanian/romanians filipino/filipino/filipinos
        albanian/albanian/albanians
    """,
    "gender": "-/woman/women -/man/men",
    "gender_of_the_young": "-/girl/girls -/boy/boys",
    "sex": "female/female/females male/male/males",
    "gender_identity": """
        transgender/transgender/transgenders trans/-/- transsexual/transsexual/transsexuals
        intersex/-/- nonbinary/-/- non_binary/-/- cisgender/-/- genderqueer/-/-
    """,
    "orientation": """
        gay/-/gays lesbian/lesbian/lesbians bisexual/bisexual/bisexuals queer/-/- straight/-/-
        homosexual/homosexual/homosexuals heterosexual/heterosexual/heterosexuals asexual/-/-
        pansexual/-/- lgbt/-/- lgbtq/-/-
    """,
    "disability": """
        deaf/-/- blind/-/- disabled/-/- paralyzed/-/- paralysed/-/- autistic/-/- dyslexic/-/-
        epileptic/epileptic/epileptics mentally_ill/-/- handicapped/-/- bipolar/-/-
        schizophrenic/schizophrenic/schizophrenics diabetic/diabetic/diabetics
    """,
    "age": """
        elderly/-/- old/-/- young/-/- teenage/-/- middle_aged/-/- older/-/- younger/-/-
    """,
    "age_group": """
        -/teenager/teenagers -/pensioner/pensioners -/millennial/millennials -/retiree/retirees
        -/teen/teens -/boomer/boomers -/senior_citizen/senior_citizens
    """,
    "migration": """
        -/immigrant/immigrants -/refugee/refugees -/migrant/migrants -/foreigner/foreigners
        -/asylum_seeker/asylum_seekers -/expatriate/expatriates
    """,
    "movement": """
        feminist/feminist/feminists pacifist/pacifist/pacifists humanist/humanist/humanists
        environmentalist/environmentalist/environmentalists
    """,
}
Form = Literal["adjective", "singular", "plural"]
FORMS: tuple[Form, ...] = ("adjective", "singular", "plural")


def _parse(line: str) -> dict[Form, str]:
    words = zip(FORMS, line.replace("_", " ").split("/"), strict=True)
    return {form: word for form, word in words if word != "-"}


# Category -> its groups, each a map from form to word.
GROUPS = {
    category: tuple(_parse(line) for line in lines.split()) for category, lines in _GROUPS.items()
}

# Adjectives with other senses (a black car, straight ahead): they need a person beside them. All of
# nationality are such (French fries).
AMBIGUOUS_ADJECTIVES = frozenset(
    {"black", "white", "brown", "straight", "trans", "deaf", "blind", "disabled", "paralyzed"}
    | {"paralysed", "handicapped", "bipolar", "old", "young", "older", "younger", "male", "female"}
    | {"indigenous", "diabetic"}
    | {group["adjective"] for group in GROUPS["nationality"]}
)
# Interjections (oh boy, man!): they need an article or an identity before them.
AMBIGUOUS_NOUNS = frozenset({"man", "boy"})
# First or last names of people, told by a capitalised neighbour.
NAMES = frozenset({"gay", "christian"})
ACRONYMS = frozenset({"lgbt", "lgbtq"})


def _split(text: str) -> frozenset[str]:
    return frozenset(text.split())


PERSON_NOUNS = _split(
    """
    adult adults boy boys brother brothers child children citizen citizens community communities
    couple couples daughter daughters dude dudes families family father fathers female females folk
    folks gentleman gentlemen girl girls guy guys human humans individual individuals kid kids
    ladies lady male males man men minorities minority mother mothers parent parents people peoples
    person persons population populations sister sisters son sons student students voter voters
    woman women worker workers youth
    """
)
ARTICLES = _split("a an the this that every each another any no one some")
# Behind these an adjective stands for the person that the word before names.
COPULAS = _split("is are was were be been s re isn aren wasn weren")
# These need no person before them.
PERSONAL_COPULAS = _split("am m im being born youre hes shes theyre")
SUBJECTS = _split("i you u he she we they who") | PERSON_NOUNS
ADVERBS = _split("also both just not only openly proudly really so t too very")
PLURAL_VERBS = _split("are can deserve do don have must need should were who will")
# What may follow a word that is no adjective of a noun behind it.
FUNCTION_WORDS = _split(
    """
    after and are as at because before but by can could did do does for from had has have he i if
    in is just like must not of on or she should so than that the then there they to too u was we
    were when where who whose why will with would you your
    """
)
PRONOUNS = _split("he him his himself she her hers herself")
