"""Who a row of a course platform's export is about: its headings, in the languages that courses are held in."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from stepcalc.answers.base import Answers, name_of


def _headings(listed: str) -> frozenset[str]:
    return frozenset(listed.split(", "))


HEADINGS: Mapping[str, frozenset[str]] = {
    "first": _headings("first name, firstname, vorname, prénom, nombre, nome, voornaam"),
    "last": _headings(
        "last name, lastname, surname, nachname, nom, nom de famille, apellido(s), apellidos, cognome, sobrenome, "
        "apelido, achternaam"
    ),
    "name": _headings(
        "full name, name, student, vollständiger name, nom complet, nombre completo, nome completo, cognome nome, "
        "volledige naam"
    ),
    "email": _headings(
        "email address, email, e-mail, e-mail-adresse, adresse de courriel, dirección de correo, indirizzo email, "
        "endereço de e-mail, correo electrónico, e-mailadres"
    ),
    "id": _headings(
        "identifier, id, id number, username, user id, sis_id, sis user id, sis login id, integration id, "
        "teilnehmer/in, id-nummer, anmeldename, identifiant, numéro d'identification, nom d'utilisateur, "
        "identificador, número de id, nombre de usuario, nome utente, codice identificativo, nome de usuário, "
        "gebruikersnaam"
    ),
}
"""What a heading says about a person, in small letters: that it is a name, or something nobody else has."""

SURE = ("email", "id")


@dataclass(frozen=True)
class Identity:
    """The places of the columns that say who somebody is, by kind."""

    columns: Mapping[str, tuple[int, ...]]

    def full_name(self, cells: Sequence[str]) -> str:
        """First and last name, or the one that stands there; an e-mail address or number where there is no name."""
        parts = [self._first_cell("first", cells), self._first_cell("last", cells)]
        name = " ".join(filter(None, parts)) or self._first_cell("name", cells)
        return name or next(iter(self.sure(cells)), "")

    def sure(self, cells: Sequence[str]) -> tuple[str, ...]:
        """What nobody else has: e-mail addresses and numbers."""
        places = [place for kind in SURE for place in self.columns.get(kind, ())]
        return tuple(filter(None, (name_of(cells[place]) for place in places if place < len(cells))))

    def _first_cell(self, kind: str, cells: Sequence[str]) -> str:
        places = self.columns.get(kind, ())
        return name_of(cells[places[0]]) if places and places[0] < len(cells) else ""


def identity_of(header: Sequence[str]) -> Identity:
    """Which columns under ``header`` say who somebody is."""
    plain = [heading.strip().lower() for heading in header]
    return Identity(
        {kind: tuple(place for place, word in enumerate(plain) if word in words) for kind, words in HEADINGS.items()}
    )


def names_apart(identity: Identity, rows: Sequence[Sequence[str]]) -> list[str]:
    """What the person of each row is called: the name, with what is sure in parentheses where two have the same."""
    named = [(identity.full_name(cells), identity.sure(cells)) for cells in rows]
    people: dict[str, set[tuple[str, ...]]] = {}
    for name, sure in named:
        people.setdefault(name, set()).add(sure)
    return [f"{name} ({sure[0]})" if len(people[name]) > 1 and sure else name for name, sure in named]


def identities(answers: Answers, place: int) -> tuple[str, ...]:
    """What else the student at ``place`` is known by: names, e-mail addresses and numbers of the other columns."""
    identity = identity_of(tuple(answers.others))
    cells = [column[place] for column in answers.others.values()]
    return tuple(dict.fromkeys(filter(None, (*identity.sure(cells), identity.full_name(cells)))))


def key_of(text: str) -> str:
    """A name or an address for comparison: small letters, single spaces."""
    return re.sub(r"\s+", " ", name_of(text)).casefold()
