# SPDX-License-Identifier: Apache-2.0
"""Draws the two sample photos, ship.jpg and airplane.jpg, into the working folder (numpy and Pillow; fixed seeds)."""
import numpy as np
from PIL import Image, ImageFilter, ImageDraw
rng=np.random.default_rng(7)
W,H,S=960,720,2
def noise(h,w,scales,seed):
    r=np.random.default_rng(seed); out=np.zeros((h,w))
    for s,a in scales:
        g=r.random((h//s+2,w//s+2)).astype(np.float32)
        im=Image.fromarray((g*255).astype(np.uint8)).resize((w,h),Image.BICUBIC)
        out+=a*np.asarray(im,dtype=np.float32)/255
    return out
def sky(h,w,top,bot,clouds,seed):
    t=np.linspace(0,1,h)[:,None,None]
    base=np.array(top)*(1-t)+np.array(bot)*t
    n=noise(h,w,[(320,.5),(160,.28),(80,.14),(40,.08)],seed)
    m=np.clip((n-clouds)*4,0,1)[...,None]*np.clip(1.2-t,0,1)
    return np.broadcast_to(base,(h,w,3))*(1-m)+np.array([252,252,253])*m
def finish(im,name):
    im=im.resize((W,H),Image.LANCZOS)
    a=np.asarray(im,dtype=np.float32)+rng.normal(0,3,(H,W,1))+rng.normal(0,1.5,(H,W,3))
    Image.fromarray(np.clip(a,0,255).astype(np.uint8)).save(name,quality=88)
w,h=W*S,H*S
# ship
a=sky(h,w,(92,143,205),(205,222,235),.62,3)
hz=int(h*.60)
t=np.linspace(0,1,h-hz)[:,None]
wave=noise(h-hz,w,[(90,.5),(30,.35),(12,.25)],5)-.5
wave=np.asarray(Image.fromarray((np.clip(wave+.5,0,1)*255).astype(np.uint8)).resize((w,(h-hz)//5)).resize((w,h-hz)),dtype=np.float32)/255-.5
sea=np.stack([38+30*(1-t)+70*wave*(.4+t),78+42*(1-t)+80*wave*(.4+t),112+45*(1-t)+80*wave*(.4+t)],-1)
a=np.array(a); a[hz:]=sea
im=Image.fromarray(np.clip(a,0,255).astype(np.uint8)); d=ImageDraw.Draw(im)
def P(*p): return [(int(x*w),int(y*h)) for x,y in p]
hull=P((.12,.56),(.90,.53),(.83,.705),(.20,.705))
d.polygon(hull,fill=(38,42,58))
d.polygon(P((.175,.655),(.85,.655),(.83,.705),(.20,.705)),fill=(142,38,36))
d.polygon(P((.12,.56),(.90,.53),(.895,.545),(.125,.575)),fill=(225,226,226))
d.rectangle(P((.20,.44),(.40,.565)),fill=(238,238,235)); d.rectangle(P((.20,.44),(.235,.565)),fill=(206,207,208))
d.rectangle(P((.23,.36),(.37,.44)),fill=(246,246,243)); d.rectangle(P((.23,.36),(.255,.44)),fill=(212,213,214))
d.rectangle(P((.245,.375),(.36,.40)),fill=(48,62,80))
for i in range(7): d.rectangle(P((.215+.025*i,.475),(.23+.025*i,.495)),fill=(58,72,92))
for i in range(7): d.rectangle(P((.215+.025*i,.52),(.23+.025*i,.54)),fill=(58,72,92))
d.polygon(P((.275,.25),(.325,.25),(.335,.36),(.265,.36)),fill=(196,66,44)); d.rectangle(P((.274,.27),(.327,.295)),fill=(240,240,236))
cols=[(176,60,48),(54,96,140),(210,150,60),(80,120,92),(150,152,156)]
for r in range(2):
    for i in range(6):
        x=.44+.068*i; y=.492-.052*r
        if r==1 and i in(0,5): continue
        c=cols[(i*2+r*3)%5]; d.rectangle(P((x,y),(x+.063,y+.05)),fill=c)
        for k in range(8): d.line(P((x+.004+.0075*k,y+.004),(x+.004+.0075*k,y+.046)),fill=tuple(int(v*.82) for v in c),width=3)
for x,y in((.46,.30),(.80,.32)):
    d.line(P((x,.55),(x,y)),fill=(210,205,196),width=14); d.line(P((x,y+.02),(x+.07,y+.10)),fill=(200,196,188),width=8)
arr=np.asarray(im,dtype=np.float32).copy()
# shading of the hull top to bottom, reflection, foam
yy=np.linspace(0,1,h)[:,None]
refl=arr[int(.53*h):int(.705*h)][::-1]; y0=int(.705*h); n=refl.shape[0]
k=np.linspace(.45,0,n)[:,None,None]; arr[y0:y0+n]=arr[y0:y0+n]*(1-k)+refl*.7*k
foam=np.clip(noise(h,w,[(40,.6),(12,.5)],11)-.55,0,1)*6
band=np.exp(-((yy-.708)/.010)**2)*((np.linspace(0,1,w)>.15)&(np.linspace(0,1,w)<.88))[None]
f=np.clip(foam*band,0,.9)[...,None]; arr=arr*(1-f)+245*f
im=Image.fromarray(np.clip(arr,0,255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(1.6))
finish(im,'ship.jpg')
# airplane
a=sky(h,w,(54,108,190),(176,205,234),.56,21)
im=Image.fromarray(np.clip(a,0,255).astype(np.uint8)); d=ImageDraw.Draw(im)
body=(226,229,233); shade=(150,158,170)
d.polygon(P((.47,.50),(.60,.50),(.40,.20),(.35,.20)),fill=(168,175,186))          # far wing
d.polygon(P((.20,.46),(.13,.27),(.18,.27),(.31,.45)),fill=(34,78,150))            # fin
d.polygon(P((.17,.485),(.08,.40),(.12,.40),(.26,.47)),fill=(160,167,178))         # far tail
fus=P((.10,.475),(.16,.455),(.70,.445),(.80,.455),(.865,.485),(.885,.505),(.86,.525),(.78,.545),(.66,.555),(.30,.545),(.18,.51))
d.polygon(fus,fill=body)
d.polygon(P((.13,.49),(.885,.505),(.86,.525),(.78,.545),(.66,.555),(.30,.545),(.18,.51)),fill=(186,192,201))
d.line(P((.12,.487),(.84,.492)),fill=(34,78,150),width=12)
for i in range(26): d.rectangle(P((.24+.019*i,.468),(.248+.019*i,.481)),fill=(62,74,94))
d.polygon(P((.815,.462),(.85,.478),(.825,.484),(.805,.476)),fill=(40,52,70))
d.polygon(P((.44,.535),(.62,.535),(.37,.83),(.30,.83)),fill=(206,211,218))         # near wing
d.polygon(P((.44,.535),(.50,.535),(.325,.83),(.30,.83)),fill=shade)
for x,y in((.50,.61),(.435,.70)):
    d.ellipse(P((x-.01,y-.022),(x+.075,y+.03)),fill=(120,128,140)); d.ellipse(P((x+.052,y-.020),(x+.078,y+.028)),fill=(52,58,68))
d.polygon(P((.15,.505),(.26,.515),(.13,.60),(.09,.60)),fill=(200,206,214))
im=im.filter(ImageFilter.GaussianBlur(1.8)); finish(im,'airplane.jpg')
