import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
import numpy as np
MISSING, READ, INVALID = 0, 1, 2
EXACT = 32767
@dataclass(frozen=True, eq=False)
class Numbers:
    value: np.ndarray
    place: np.ndarray
    figures: np.ndarray
    state: np.ndarray
    reasons: Mapping[int, str]
P=re.compile(r"\s*([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?\s*")
def read_columns(cs,decimal="auto"): return [read_numbers(c,decimal) for c in cs]
def read_numbers(raw, decimal="auto"):
    n=len(raw); v=np.full(n,np.nan); p=np.zeros(n,np.int16); f=np.zeros(n,np.int16); s=np.zeros(n,np.uint8); r={}
    for i,t in enumerate(raw):
        if not t.strip(): continue
        m=P.fullmatch(t.replace("−","-"))
        if not m or not (m[2] or m[3]):
            s[i]=INVALID; r[i]="not a number"; continue
        v[i]=float(t.replace("−","-")); p[i]=int(m[4] or 0)-len(m[3]); f[i]=len((m[2]+m[3]).lstrip("0")) or 1; s[i]=READ
    return Numbers(v,p,f,s,r)
