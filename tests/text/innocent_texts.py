"""Texts that say nothing bad and must come out as they went in, or at least not worse."""

UNCHANGED = """
Scunthorpe
The Scunthorpe Problem
class, glass, bass and brass
Essex, Sussex and Middlesex
an assassin in the classic assembly
Assess the assets of the associate.
Penistone is a market town
Lightwater and Clitheroe
the cockpit of a Hancock tractor
Hitchcock and Babcock
a cocktail with shiitake mushrooms
the Shiite holy day
shittim wood
peacock feathers
Dickens and Dickinson
Moby Dick is a novel
Mike Hunt
analysis of an analog canal
the therapist
psychotherapist
Titanic titles
the constitution
cumulative circumstances
document the cucumber
raccoon in a cocoon
Montenegro and Nigeria
to snigger niggardly
arsenal and parsec
rebuttal with buttons and butter
Buttermilk pancakes
an embarrassed hello
Cummings
Dr. Cumming
Sextus the sextant
Wankel engine
Wang Fang
the tit is a bird
a skilled shellfish
drape the grape on a trapeze
the diet of a soldier
Matsushita
Kuwait City
suckling pig roast
basement and bassoon
Kassel
Hassan passed Massachusetts
Fuchs discovered fuchsia
Lake Titicaca
Bumpass, Virginia
Dildo, Newfoundland
Twatt, Orkney
Saxe-Coburg
5h17
part 5h17 rev 3
RX-5h17/B
A55
the A55 road and the B17 bomber
B17CH-2
F4G Phantom
M4A1
455
80085
8008135
90210 and 1337
h2o and co2
b2b and b2c
4x4 cars
mp3 and mp4
1st 2nd 3rd 4th 5th 10th
21st century
utf8 and base64
sha1 md5 crc32
i18n and l10n and k8s
x86 and x64
win32 api
area51
part5 and chapter5
page1 day1
R2D2 and C3PO
K9 unit
24h 7d
3d and 2D
C4 plants
W3C and IEEE754
ISO8601
G8 and G20
U2 and UB40
H1N1
vitamin B12
0x4a55
0xdeadbeef
d41d8cd98f00b204e9800998ecf8427e
550e8400-e29b-41d4-a716-446655440000
a3f5c9
#a55b00
#FF00AA
#fff
SN74LS00
NE555
2N3904
ATmega328P
5'11"
10:30am
12.5kg
$100 and $5.50
$HOME
US$ 20
100%
50/50
24/7
and/or
w/o
n/a
a/b
A+ and B-
C++ and C#
R&D
AT&T
Q&A
M&Ms
rock & roll
fish & chips
x < y and y > z
I <3 you
a < b
if (a<b && c>d) return;
for (i = 0; i < n; i++) s += a[i];
List<String> items = new ArrayList<>();
#include <stdio.h>
int *p = &a[0];
char **argv
a*b*c
a**2 + b**2
x = a[i] * b*c
f(x) = x^2
e^x
p_value = 0.05
self.s_hits
as_s = 1
file_name.txt
/usr/bin/as
C:/Programs/Ann
git commit -am "ok"
SELECT * FROM t
print("hi")
foo.bar.baz()
v1.2.3-rc1
1.2.3.4
me@example.com
ann.lee@mail.example
e.g. and i.e.
U.S.A. and U.K.
a.m. and p.m.
Ph.D.
A. S. S. Smith
J. K. Rowling
J.R.R. Tolkien
A.S.S. Miller
C. U. M. Brown
F. A. G. Meyer
D.I.E. Jones
S. H. Itoh
C H A P T E R
C L A S S I C
T H E R A P I S T
C O N T E N T S
S C U N T H O R P E
A B C D E F G
a b c d e
x y z
a, b, c and d
1 2 3 4 5
A - B - C
N, S, E, W
P E N
I, II, III, IV, V, VI, VII, VIII
XXX
MMXX
Louis XIII and World War III
hmm
www
AAA batteries
BBB
zzz
Mississippi bookkeeper
Aaron and Isaac
Hawaii
vacuum
skiing
Yvonne Mann
Matt Butler
Emmett Hoover
Brooke Webb
Nanna
Kikki
I'll, he'll, she'll, we'll
who're you
it's hit
the pen.Is it yours
I saw the sun.It was big
well-known
mother-in-law
co-operate
re-entry
as-is
up-to-date
state-of-the-art
T-shirt
x-ray
e-mail
U-turn
word*
*bold* and **strong**
_under_
~about
***
* * *
- - -
...
!!!
?!
:-) ;) :D :P
<3
^_^
o_o
@user http
#metoo
#love #cats
#1
Grüße aus München
Straße
Fußball macht Spaß
Das Kind ist dick
Die Frau
Er ist ein Held
ein Fach
père et mère
la tête
où est la pute
él está aquí
mañana el niño
años
São Paulo não
Çok sıkıldım
Kız sınıfta
Işık hızlı
Diyarbakır
İstanbul
ılık sık sıcak
Łódź i żółw
Příliš žluťoučký kůň
Ærø og Ålesund
øl
Smørrebrød
Привет, как дела?
Россия и Украина
сосна и рак
тара
Ελλάδα
καλημέρα κόσμε
αβγ
नमस्ते दुनिया
हिन्दी
क्‍ष
مرحبا بالعالم
می‌خواهم
שלום עולם
שָׁלוֹם
こんにちは世界
がんばって
カタカナー
你好世界
안녕하세요
ㅋㅋㅋ
สวัสดีชาวโลก
ভালো আছি
தமிழ்
Tiếng Việt rất đẹp
Nguyễn Thị Đào
μm and μg
Δx and π
αx + βy
10 kΩ
50°
«Bonjour»
“quoted” – and — dashes
’tis
© ® ™
½ and ¼
x² + y³
€5 and £6 and ¢7
5¢
Wanneer kunt u komen
Weimar and Merano
Moran, Morin and Moreau
Bastian in Barstow
Dyck, Dykstra and Dijkstra
Mr Kok and Mrs Fuchs
Hoare sorts quickly
Sheetal read a sheet on the beach
beech and birch
Peniston Hall
The Hague, Pisa and Perugia
Ignacio ignores it
Retford and Reading
Shetland, Shetlands
Cockburn and Cockermouth
Hellenic Hellespont
Nazareth and Nazca
the pen island
penisland
speedofart
therapistfinder
trashcan and doorknob
goodies for daddies
Dumbarton
Dumbledore
Niger and Nigerian
Fukuoka, Fukushima
Shitake and Shih Tzu
fit suit knit unit
hosts, hoses and homes
asset, assert, assort
chunk chunky
filth filter
pastry master
faceted facets
stubbed stabled
retired retried retarget
moan moron's
maroon macaroon
idiom idyll
SELECT sum(cnt) FROM t
btw idk tbh omw
cntrl shft
f(x) g(y) h(z)
(rap) (unit) (ore)
print(hit)
SN74107 and CD4017
B1234 A1b2
1d10
w0rd2vec
c3p0 and r2d2
v8 and w12
x=10*y
node.js and vue.js
a.out d.ts c.py
sh.py is.it
WebPack webpack Bashar
Shetty, Niazi, Mirren, Cissy
Garba dance
idoit@example.com
SomeIdoitName
Hazte amigo de la gente
Je puisse savoir
Voy a perder, y querer no basta
Wandern und Wassers
""".strip().splitlines()

NOT_WORSE = """
J. Random User, b. 1970
https://example.com/class?a=b
www.scunthorpe.example
@scunthorpe hello
@anal_yst
#EssexClass2020
#SusanAlbumParty
#WhoRepresents
#ThePenIsMightier
#iPhone
sooooo goooood
yesssss!!!!!
asssess
hellllo
Hmmmmmm
aaaaaaaa
==== Heading ====
----------
R&amp;D &lt;3
<b>Class</b>
<br>as<br>s
cafÃ© and naÃ¯ve
ｃｌａｓｓ
𝐄𝐬𝐬𝐞𝐱
ℋello
№ 5
µm
ﬁne
… ok
½ cup
😀 😀 😀
👩‍🔬 and 👨‍👩‍👧
🇫🇷 🇹🇷
🏳️‍🌈
1️⃣ 2️⃣
❤️
☀️
the cl\u00adass
zero\u200bwidth
\ufeffbom
na\u0308ive
e\u0301te\u0301
Жук and жaр
""".strip().splitlines()
