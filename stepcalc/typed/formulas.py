from dataclasses import dataclass
import sympy as sp
from stepcalc.calculus.grammar import parse
from stepcalc.calculus.symbols import symbol
class Names:
    def __init__(self, d): self.d=d
    @classmethod
    def of(cls, trace):
        n=trace.problem.notation.names
        d={v.replace("{","").replace("}",""):k for k,v in n.items()}
        d|={"x_1":"x[1]","x_2":"x[2]","y":"y[1]","yhat":"y_hat[1]","alpha":"@learning_rate"}
        return cls(d)
    def typed(self,i): return i
@dataclass(frozen=True)
class Formula:
    raw: str
    expression: sp.Expr
def read_formula(raw,names):
    from stepcalc.errors import InputError
    from stepcalc.calculus.syntax import Refused
    try: return _r(raw,names)
    except InputError as e: raise Refused(-1,str(e))
def _r(raw,names):
    p=parse(raw,set(names.d),"answer")
    return Formula(raw,p.expression.xreplace({symbol(k):symbol(v) for k,v in names.d.items()}))
