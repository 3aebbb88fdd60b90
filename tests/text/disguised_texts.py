"""Disguised words and what they must be read as, a pair a line."""

_LINES = """
1d10t > idiot
1diot > idiot
idi0t > idiot
id1ot > idiot
m0r0n > moron
m0ron > moron
5tupid > stupid
$tupid > stupid
stup1d > stupid
stup!d > stupid
l0ser > loser
l0$er > loser
d4mn > damn
cr4p > crap
cr@p > crap
p@thetic > pathetic
sh1t > shit
sh!t > shit
5hit > shit
$hit > shit
SH1T > SHIT
@ss > ass
@$$ > ass
a$$ > ass
as5 > ass
@sshole > asshole
a$$hole > asshole
assh0le > asshole
b1tch > bitch
b!tch > bitch
b|tch > bitch
ki11 > kill
k1ll > kill
k!ll > kill
ki11 y0urs3lf > kill yourself
y0urs3lf > yourself
h3llo > hello
pe0ple > people
i d i o t > idiot
i  d  i  o  t > idiot
I D I O T > IDIOT
i.d.i.o.t > idiot
i-d-i-o-t > idiot
i_d_i_o_t > idiot
i*d*i*o*t > idiot
i/d/i/o/t > idiot
i, d, i, o, t > idiot
i . d . i . o . t > idiot
1 d 1 0 t > idiot
y o u i d i o t > you idiot
a s s > ass
id.iot > idiot
idi-ot > idiot
mo.ron > moron
mor_on > moron
stu.pid > stupid
stu*pid > stupid
lo.ser > loser
sh.it > shit
sh-it > shit
f-u-c-k > fuck
f.u.c.k > fuck
f u c k > fuck
f*ck > fuck
f**k > fuck
f*** > fuck
f*cking > fucking
F*CK > FUCK
f#ck > fuck
f@ck > fuck
f--k > fuck
sh*t > shit
s**t > shit
s*** > shit
bullsh*t > bullshit
b*tch > bitch
b***h > bitch
id*ot > idiot
m*ron > moron
d*mn > damn
cr*p > crap
idiiiot > idiot
idiiot > idiot
iiiidiot > idiot
idiottttt > idiot
IDIOOOOOT > IDIOT
mooooron > moron
morron > moron
stuuupid > stupid
stuppid > stupid
losssser > loser
shiiiit > shit
fuuuuck > fuck
1d11ot > idiot
idi000t > idiot
i d i i o t > idiot
soooo gooood > so good
ｉｄｉｏｔ > idiot
𝓲𝓭𝓲𝓸𝓽 > idiot
𝐢𝐝𝐢𝐨𝐭 > idiot
ⓘⓓⓘⓞⓣ > idiot
🅸🅳🅸🅾🆃 > IDIOT
ɪᴅɪᴏᴛ > idiot
idi\u200bot > idiot
i\u00addiot > idiot
i\u2060d\u200ci\u200do\ufefft > idiot
\u202eidiot\u202c > idiot
i\u0336d\u0336i\u0336o\u0336t\u0336 > idiot
i\u0300\u0316\u0317d\u0301\u0317\u0320i\u0302\u0303\u0321ot\u0304\u0305 > idiot
ıdıоt > idiot
idiоt > idiot
іdіоt > idiot
stuрid > stupid
mοrοn > moron
mоrоп > moron
ıdıot > idiot
kıll > kill
mørøn > moron
1dі0t > idiot
id&shy;iot > idiot
&#105;diot > idiot
&amp;#105;diot > idiot
id<b>i</b>ot > idiot
id<!-- -->iot > idiot
#YouIdiot > You Idiot
#you_idiot > you idiot
#YOUIdiot > YOU Idiot
🖕 > fuck you
🖕🖕🖕 > fuck you
🤡🤡 > clown
you 💩 > you poop
🐀 > rat
stpuid > stupid
idoit > idiot
iidot > idiot
idito > idiot
morno > moron
bastrad > bastard
pathteic > pathetic
pahtetci > pathetic
disgustng > disgusting
PATHTEIC > PATHETIC
stoopid > stupid
stewpyd > stupid
baztardz > bastards
basstird > bastard
patheteec > pathetic
idyot > idiot
1d107 > idiot
m0r0n5 > morons
fu(k > fuck
(unt > cunt
shi+ > shit
thisidiot > this idiot
allyouidiots > all you idiots
sh.t > shit
fu ck > fuck
""".strip().splitlines()

DISGUISED = [
    (disguised, plain) for disguised, _, plain in (line.partition(" > ") for line in _LINES)
]
