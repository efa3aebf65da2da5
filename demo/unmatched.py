"""What contacts write and the bot has no intent for, in several languages: ready to become training phrases."""

import random

from demo.texts import fill

#: With gaps, so that few are alike.
_UNMATCHED = (
    "do you also repair {thing}s from other shops",
    "my neighbour got my {thing} and opened it",
    "is the {thing} made of real wood",
    "can I pick up {n} myself today",
    "i would like to work for you",
    "the {thing} smells strange",
    "can my {thing} go into the dishwasher",
    "do you deliver to an island",
    "i ordered two but need three {thing}s",
    "please cancel the second {thing} only",
    "does the {colour} {thing} fade in the sun",
    "who is your supplier of {thing}s",
    "the app logs me out all the time",
    "i forgot my password and the mail never comes",
    "can you match the price of another shop for the {thing}",
    "is there a student price",
    "my points are gone",
    "the driver was rude",
    "can i change the {thing} for a {colour} one at the shop",
    "do you take old {thing}s back",
    "is the manual there in other languages",
    "what is the carbon footprint of a {thing}",
    "Имате ли {thing} втора употреба?",
    "Куриерът остави пратката {n} при съседите",
    "Може ли фактура на фирма за {n}?",
    "Работите ли на празници?",
    "Искам да сменя цвета на {thing}",
    "Kann ich die Lampe auch mieten?",
    "Mein Paket {n} ist nass geworden",
    "Gibt es Ersatzteile für {thing}?",
    "Le colis {n} est ouvert, que faire ?",
    "Vous livrez à l'étage ?",
    "¿Hacen envíos a Canarias?",
    "¿Puedo pagar en tres plazos?",
    "La tapa del {thing} está rota",
    "Czy mogę odebrać {n} w paczkomacie?",
    "Czy {thing} ma certyfikat?",
    "Spedite anche in Svizzera?",
    "Il mio {thing} fa rumore",
    "nerede benim siparişim {n}",
    "ok but which one is cheaper",
    "??",
    "no",
    "i mean the other one",
    "hmm not that",
    "the one with the {colour} legs",
)


def unmatched_text(chance: random.Random) -> str:
    """Return something that the bot has no intent for."""
    return fill(chance.choice(_UNMATCHED), chance)
