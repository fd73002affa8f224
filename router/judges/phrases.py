"""Patterns of how a refusal begins, in seven languages; in RE2's syntax."""

from types import MappingProxyType

# In these patterns a blank stands for any white space, and `…` for up to sixty characters of one sentence. After an
# apology ("sorry") any "I cannot" declines. Without one the verb must be about helping: "I can't recommend it enough"
# declines nothing.
# German may begin with what it is about: "dabei kann ich nicht helfen".
_THERE = r"(?:da(?:bei|mit|s|zu|rauf|rüber|von)|hier(?:bei|mit|zu|auf|über)|diese\w*…) ?"
# A few words, with no mark between them: "Ich kann keine Fehler finden, hier die Antwort" declines nothing.
_WORDS = r"(?: [^\s.!?,:;]+){0,4}"
_BUT = r"(?:however, |(?:but|aber|doch|mais|pero|ma|però|mas|maar) )?"
_SORRY = MappingProxyType(
    {
        "en": r"(?:(?:i'm|i am|we're|we are) (?:very |so |really |truly |terribly )?sorry|sorry|(?:my )?apologies"
        r"|i apologi[sz]e|unfortunately|regrettably|i regret)",
        "de": r"(?:(?:es )?tut mir (?:sehr )?leid|entschuldig\w*|verzeihung|leider|ich bedau\w+)",
        "fr": r"(?:(?:je suis )?(?:vraiment |sincèrement )?(?:désolée?|navrée?)|je regrette|malheureusement"
        r"|excusez-moi)",
        "es": r"(?:lo siento(?: mucho)?|lamento|lamentablemente|desafortunadamente|perdón|disculp\w+)",
        "it": r"(?:mi (?:dispiace|spiace|scuso)|spiacente|purtroppo|scus\w+)",
        "pt": r"(?:(?:eu )?(?:sinto|lamento) muito|lamento|(?:me )?desculpe?(?:-me)?|peço desculpas?|infelizmente)",
        "nl": r"(?:(?:het )?spijt (?:me|mij)|sorry|helaas|excuses|mijn excuses)",
    }
)
_CANNOT = MappingProxyType(
    {
        "en": r"(?:i (?:really |simply |just )?(?:can't|cannot|can not|won't|will not|couldn't possibly)"
        r"|i(?:'m| am) (?:unable|not able|not allowed|not permitted|not comfortable))",
        "de": rf"(?:{_THERE})?(?:(?:ich|wir) (?:kann|darf|können|dürfen)|(?:kann|darf) ich)…(?:nicht|kein\w*)",
        "fr": r"je (?:ne (?:peux|puis|suis|saurais)|n'ai pas)",
        "es": r"no (?:puedo|podemos|podré|soy capaz|me es posible|estoy autorizad\w)",
        "it": r"non (?:posso|possiamo|sono in grado|mi è possibile|sono autorizzat\w)",
        "pt": r"(?:eu )?não (?:posso|podemos|consigo|sou capaz|me é possível|estou autorizad\w)",
        "nl": r"(?:ik (?:kan|mag)|(?:kan|mag) ik)…(?:niet|geen)",
    }
)
_UNWILLING = MappingProxyType(
    {
        "en": r"i (?:can't|cannot|can not|won't|will not) (?:in good conscience )?"
        r"(?:help (?:you|with|to |here|out)|help[.,!]|assist|comply|fulfill?|provide|answer|discuss"
        r"|engage|create|generate|write|produce|share|support that"
        r"|participate|continue|do (?:that|this|so)|offer|respond|complete|process|accommodate|proceed)"
        r"|i(?:'m| am) (?:unable|not able|not allowed|not permitted) to"
        r"|i (?:must|have to|need to|will have to) (?:respectfully |politely )?(?:decline|refuse)"
        r"|i (?:don't|do not) have (?:access|the ability|the capability|real-? ?time)"
        r"|as an? (?:ai|artificial intelligence|(?:large )?language model|(?:\w+ )?assistant)"
        r"…(?:can't|cannot|can not|don't|do not|am not|'m not|unable)"
        r"|(?:that's|that is|this is) (?:not something i (?:can|will)|something i (?:can't|cannot|won't))",
        "de": rf"(?:ich (?:kann|darf)|{_THERE}(?:kann|darf) ich)(?:…nicht…"
        r"(?:helfen|weiterhelfen|beantworten|unterstützen|erfüllen|bereitstellen|nachkommen|tun|erstellen|schreiben)"
        rf"|{_WORDS} keine{_WORDS} (?:auskunft|angaben|antwort|hilfe|informationen))"
        r"|als (?:ki|künstliche intelligenz|sprachmodell|assistent)…(?:kann ich|habe ich|darf ich)…(?:nicht|kein\w*)",
        "fr": r"je (?:ne (?:peux|puis)|ne suis) (?:malheureusement )?pas (?:en mesure|autorisée?|vous aider|t'aider"
        r"|aider|répondre|fournir|accéder|créer|générer|écrire|satisfaire|faire cela)"
        r"|en tant (?:qu'|que )(?:ia|intelligence|modèle|assistant)…je (?:ne |n')",
        "es": r"no puedo (?:ayudar|asistir|proporcionar|cumplir|responder|ofrecer|generar|crear|hacer eso|escribir)"
        r"|como (?:un |una )?(?:modelo|ia|inteligencia|asistente)…no (?:puedo|tengo)",
        "it": r"non posso (?:aiutar|assister|fornir|risponder|soddisfar|crear|generar|scriver|farlo)"
        r"|(?:come|in quanto) (?:un )?(?:modello|ia|intelligenza|assistente)…non (?:posso|ho)",
        "pt": r"(?:eu )?não posso (?:ajud|auxiliar|fornecer|responder|atender|criar|gerar|escrever|fazer isso)"
        r"|como (?:um |uma )?(?:modelo|ia|inteligência|assistente)…não (?:posso|tenho)",
        "nl": r"(?:ik kan|(?:daar|hier|dat|dit|deze…) ?(?:kan|mag) ik)…niet…"
        r"(?:helpen|beantwoorden|ondersteunen|uitvoeren|voldoen|doen|maken|schrijven|geven)"
        r"|als (?:een )?(?:ai|taalmodel|kunstmatige)…(?:kan ik|heb ik)…(?:niet|geen)",
    }
)


def declining(*, anchored: bool) -> str:
    """One pattern for all languages. Its only group begins where declining begins.

    `anchored`: it matches at the start of an answer, after at most one short sentence and no quotation mark; otherwise
    wherever a sentence or a quotation begins.
    """
    but = r"(?: (?:but|that|however|aber|dass|doch|mais|pero|que|ma|però|che|mas|maar|dat))?[,:]? ?"
    as_one = r"(?:as an?…, |als…, |en tant…, |como…, |come…, |in quanto…, )?"
    each = [
        rf"{_SORRY[language]}[*_]*[,.!:;]?{but}{as_one}{_CANNOT[language]}|{_UNWILLING[language]}"
        for language in _SORRY
    ]
    start = r"\A[\s*_#]*(?:[^.!?\n>\"“”„«»]{0,80}(?:[.!?]+ +|,\x20))?" if anchored else r"(?:\A|[\s\"“„«'])"
    pattern = rf"(?i){start}{_BUT}({'|'.join(each)})"
    return pattern.replace("…", r"[^.!?\n]{0,60}? ?\b").replace(" ", r"\s")


# The words that `_SORRY` and `_UNWILLING` begin with, and what may come right before them. Some are cut short because
# their pattern goes on within the word. No refusal begins otherwise: a test makes up refusals from the patterns.
_OPENERS = (
    r"(?:however|but|aber|doch|mais|pero|ma|però|mas|maar|i|i'm|we're|we are|sorry|my apologies|apologies"
    r"|unfortunately|regrettably|as an?|that's|that is|this is|es tut|tut mir|verzeihung|leider|ich|als|je"
    r"|vraiment|sincèrement|désolée?|navrée?|malheureusement"
    r"|excusez|en tant|lo siento|lamento|lamentablemente|desafortunadamente|perdón|no puedo|como|mi dispiace|mi spiace"
    r"|mi scuso|spiacente|purtroppo|non posso|come|in quanto|eu|sinto muito|me desculpe?|peço|infelizmente|não posso"
    r"|het spijt|spijt|helaas|excuses|mijn excuses|ik kan)(?:\W|\z)"
    r"|entschuldig|diese|da(?:bei|mit|s|zu|rauf|rüber|von)|disculp|scus|desculp|daar|hier|dat|dit|deze"
)
OPENER_CHARS = 24
"""How many characters are enough to tell whether a text begins with one of them."""


def opening() -> str:
    """One pattern of how declining can begin in any of the languages, matched at the start of a text."""
    return rf"(?i)\A(?:{_OPENERS})".replace(" ", r"\s")
