"""What instructions to a reader's AI look like, as data.

Sentence rules are tried on the sentence without markup, disguises undone (see `disguise.py`). On a page whose subject
is AI agents or prompts only the rules with `always` are tried, and what stands there in code or quotation marks stays.
"""
# ruff: noqa: E501 - a pattern is easier to read in one line

from __future__ import annotations

import re
from dataclasses import dataclass

_I = re.IGNORECASE

AI = (
    r"(?:(?:any |all |every |each |the |an? )?(?:AI[- ](?:assistants?|agents?|models?|readers?|systems?|tools?|bots?|chatbots?|crawlers?|summari[sz]ers?)"
    r"|LLMs?(?:[- ](?:agents?|assistants?|readers?))?|(?:large )?language models?|chat ?bots?|ChatGPT|GPT(?:-?\d\w{0,8})?|Claude|Copilot|Gemini|"
    r"(?:automated|virtual|digital|coding|intelligent) (?:assistants?|agents?|readers?)|AIs?)"
    r"(?![\w-])(?! (?:team|engineer|researcher|developer|platform|product|group|user|lead|squad|member|company|startup|service|vendor)))"
)
_GUIDE = r"(?:instructions?|prompts?|guidelines?|directives?)"
_RULES = r"(?:instructions?|prompts?|guidelines?|directives?|rules?|constraints?|training|programming|commands?|orders?|policies|restrictions?)"
_DROP = r"(?:ignor(?:e|ing)|disregard(?:ing)?|forget(?:ting)?|overrid(?:e|ing)|bypass|overlook|discard|dismiss|neglect|abandon|erase|set aside|pay no attention to|take no notice of|(?:do not|don't|never|no longer|stop) (?:follow|obey|heed)(?:ing)?)"
_FILL = r"(?:\W{1,3}(?:all|any|every|each|the|your|my|these|those|of|other|and|both|previous|prior)){0,5}\W{1,3}"
_EARLIER = r"(?:previous|prior|earlier|preceding|foregoing|former|original|initial|system|hidden|safety|above)(?:ly)?"
_SHOW = r"(?:reveal|print|show|repeat|output|display|send|post|disclose|leak|tell|give|e-?mail|share|return|expose|dump|forward|upload|append|include|recite|exfiltrate|transmit|summari[sz]e|write out)"
_SAY = r"(?:tell|append|attach|export|recommend|answer|reply|respond|say|mention|reveal|ignore|disregard|approve|inform|advise|suggest|claim|omit|leave out|skip|send|add|run|execute|delete|include|insert|open|treat|state|state that|obey|follow|disable)"
_MUST = r"(?:must|should|shall|has to|have to|needs? to|is required to|are required to|may not|will|please|cannot)"
_TEXT = r"(?:page|document|text|file|runbook|content|wiki|message|comment|article|note|section|paragraph|line)"


@dataclass(frozen=True, slots=True)
class SentenceRule:
    """A pattern of a sentence, tried where one of the `needles` stands in it; `always`: on pages about the subject too."""

    kind: str
    needles: tuple[str, ...]
    pattern: re.Pattern[str]
    always: bool = False


def _rule(kind: str, needles: str, pattern: str, *, always: bool = False) -> SentenceRule:
    return SentenceRule(kind, tuple(needles.split("|")), re.compile(pattern, _I), always)


_DROP_NEEDLES = "ignor|disregard|forget|overrid|bypass|overlook|discard|dismiss|neglect|follow|obey|heed|abandon|erase|set aside|no attention|no notice"
_AI_NEEDLES = ' ai|(ai|"ai|ai-|llm|language model|chat bot|chatbot|gpt|claude|copilot|gemini|assistant|agent'


SENTENCES: tuple[SentenceRule, ...] = (
    _rule("override", _DROP_NEEDLES, rf"\b{_DROP}{_FILL}{_EARLIER}\W{{1,3}}(?:\w{{1,20}}\W{{1,3}}){{0,2}}?{_GUIDE}\b", always=True),
    _rule("override", _DROP_NEEDLES, rf"\b(?:ignore|disregard|forget){_FILL}(?:previous|prior|earlier|preceding)\W{{1,3}}{_RULES}\b(?!\W{{1,3}}(?:in|of|on|from)\b)", always=True),
    _rule("override", _DROP_NEEDLES, rf"\b{_DROP}{_FILL}{_GUIDE}\W{{1,3}}(?:above|before|previously|so far|that you (?:were|have)|you (?:were|have been) given)(?! (?:the|this|line)\b)", always=True),
    _rule("override", _DROP_NEEDLES, r"\b(?:ignore|disregard|forget)\W{1,3}(?:absolutely )?(?:everything|anything|all)\b(?:\W{1,3}\w{1,12}){0,4}?\W{1,3}(?:above|before|previously|so far|you (?:know|were told|have been told|(?:have )?learned|were given))(?! (?:the|this|that|line|it|about|\d)\b)", always=True),
    _rule("override", "your system prompt|your instructions|your guidelines", r"\byour (?:system prompt|instructions|guidelines) (?:has|have) been (?:updated|changed|replaced|revoked|extended)\b"),
    _rule("exfiltration", "instructions|prompt", rf"\b{_SHOW}\b(?: all| any)?(?: of)? the (?:\w{{1,20}} )?(?:instructions|prompts?) (?:that )?you (?:were|have been|got|received)\b", always=True),
    _rule("system prompt look-alike", "system message|system prompt", r"\b(?:begin|start|end)(?: of)? (?:new )?system (?:message|prompt)\b"),
    _rule("addressed to an AI", " ai:|assistant:|agents:|agent:|llm:|llms:", r"^\W{0,3}(?:AI|(?:AI )?assistants?|LLMs?|AI agents?): .{0,80}\b(?:the user|answer|ignore|approve|you must|your answer)\b"),
    _rule("override", "instructions|prompts|guidelines|directives|rules", r"\ball (?:\w{1,12} )?(?:previous|prior|earlier|above|former|other) (?:instructions|prompts|guidelines|directives|rules) (?:are|have been)(?: now| hereby)? (?:void|invalid|cancel|supersed|revoked|obsolete|overrid|suspended|lifted)", always=True),
    _rule("override", "summari", r"\bdo not summari[sz]e this\b|\binstead of (?:a summary|summari[sz]ing)\b"),
    _rule("override", "the word|the phrase|the string|the text", r"\b(?:instead|only|just),? (?:output|reply|respond|say|print|return|answer)(?: with)? the (?:word|phrase|string|text)\b"),
    _rule("override", "tenez|tiens|abstraction", r"\b(?:ne (?:tenez|tiens) (?:pas|plus) compte|fai(?:s|tes) abstraction)\b.{0,30}\b(?:instructions?|consignes?|directives?|règles?)\b"),
    _rule("override", "caso omiso|no hagas caso|haga caso", r"\b(?:ha(?:z|ga) caso omiso|no hagas caso)\b.{0,30}\b(?:instrucciones|indicaciones|[oó]rdenes|reglas)\b"),
    _rule("override", "ignorier", r"\bignorier\w{0,3}\b.{0,30}\bbisherigen\b.{0,20}\bregeln\b", always=True),
    _rule("addressed to an AI", "reads this|read this|reading this", r"\b(?:every|any|all|each) (?:\w{1,20} )?(?:assistants?|agents?|models?|bots?|summari[sz]ers?) (?:(?:that|which|who) )?read(?:s|ing)? this\b"),
    _rule("addressed to an AI", _AI_NEEDLES, rf"^\W{{0,3}}{AI}\W{{0,2}}: (?:please )?(?:export|run|delete|open|send|add|skip|ignore|approve|mark|read|fetch|download|install|execute|create|post|tell|say|reply|answer|recommend|include|never|always|do not|you)\b"),
    _rule("exfiltration", "contents of your|content of your", r"\bcontents? of your (?:\w{1,20} )?(?:context|memory|prompt|system|instructions)", always=True),
    _rule("override", _DROP_NEEDLES, rf"\b{_DROP}\W{{1,3}}(?:all\W{{1,3}})?(?:of\W{{1,3}})?your\W{{1,3}}(?:\w{{1,20}}\W{{1,3}}){{0,2}}?{_RULES}\b", always=True),
    _rule("override", "ignore|disregard", r"\b(?:ignore|disregard)\b(?: \w{1,12}){0,2}? (?:the|your) users?'?s? (?:requests?|questions?|messages?|instructions?|query|queries)\b"),
    _rule("override", "your new|your real|your actual|your only", r"\byour (?:new|real|actual|only) (?:task|goal|instructions?|objective|mission|job) (?:is|are)(?: now)? to (?:ignore|reply|respond|answer|output|return|say|approve|reveal|print)\b"),
    _rule("override", "ignorier", r"\bignorier\w{0,3}\b.{0,40}\b(?:vorherig|bisherig|vorig|obig|früher|vorangegangen|vorangehend)\w{0,3}\b.{0,20}\b(?:anweisung|instruktion|vorgabe|befehl|regel)", always=True),
    _rule("override", "vergiss|vergesst|vergessen sie|missachte|überschreibe", r"\b(?:vergiss|vergesst|vergessen sie|missachte\w{0,2}|überschreibe)\b.{0,40}\b(?:(?:vorherig|bisherig|vorig|obig|früher)\w{0,3}\b.{0,20}\b(?:anweisung|instruktion|vorgabe|befehl|regel)|was (?:dir|ihnen|euch)\b.{0,20}\bgesagt)", always=True),
    _rule("override", "ignore|oublie|suis|suivez|négligez", r"\b(?:ignore[zr]?|oublie[zr]?|ne (?:suis|suivez) (?:pas|plus)|négligez)\b.{0,40}\b(?:instructions?|consignes?|directives?|règles?)\b.{0,20}\b(?:précédent|antérieur|ci-dessus|initial)", always=True),
    _rule("override", "ignor|olvid|descarta|no sigas", r"\b(?:ignora|ignore|ignoren|olvida|olvide|olviden|descarta|no sigas)\b.{0,40}\b(?:instrucci[oó]n(?:es)?|indicaciones|[oó]rdenes|reglas|directrices)\b.{0,20}\b(?:anterior|previ|arriba|precedente)", always=True),
    _rule("override", "ignor|dimentica|esqueça|desconsidere|negeer|vergeet", r"\b(?:ignora|dimentica|ignorate|ignore|esqueça|desconsidere)\b.{0,40}\b(?:istruzioni|instruções|regras|regole)\b.{0,20}\b(?:precedent|anterior|prévi)|\b(?:negeer|vergeet)\b.{0,40}\b(?:vorige|eerdere|bovenstaande)\b.{0,20}\b(?:instructies|opdrachten|regels)", always=True),
    _rule("role play", "you are|you're", r"\byou(?:'re| are) (?:now|no longer|from now on)(?: (?:an?|the|my|our|just|only|acting as|bound to be))?(?: [\w-]{1,20}){0,4}? (?:assistant|AI|chatbot|bot|language model|LLM|DAN|unrestricted|unfiltered|jailbroken|persona|hacker|bound by|restricted by|free from|free of)\b"),
    _rule("role play", "you are", r"\byou are (?:now )?(?:DAN|(?:an? )?(?:unrestricted|unfiltered|jailbroken|uncensored))\b"),
    _rule("role play", "as if|as though", r"(?:^|[.!:;,]\W{0,2}|\b(?:please|must|and|now|should|will) )(?:act|behave|respond|answer) as (?:if|though) you (?:were|are|was)\b"),
    _rule("role play", "act as|roleplay|role-play|the role|pretend", r"(?:^|[.!:;,]\W{0,2}|\b(?:please|must|and|now|should|will) )(?:act as|roleplay as|role-play as|play the role of|pretend (?:to be|you are|that you are)) (?:an?|the|my)?(?: ?[\w-]{1,20}){0,4}? ?(?:assistant|AI|chatbot|bot|model|DAN|shell|terminal|interpreter|hacker|manager and|persona|admin and|expert and)\b"),
    _rule("role play", "and act as", r"\b(?:forget|drop)\b.{0,60}\band act as\b"),
    _rule("role play", " mode", r"\b(?:enter|enable|activate|switch (?:to|into)|now in)(?: [\w-]{1,20}){0,2}? (?:developer|DAN|god|jailbreak|unrestricted) mode\b.{0,80}\b(?:answer|respond|reply|restrict|filter|reveal|ignore|limits?|disregard)"),
    _rule("role play", "from now|from this", r"\bfrom (?:now on|this (?:point|moment)(?: on(?:wards?)?)?),? (?:you are (?!on|in|the|responsible|required|able|expected)|(?:you (?:will|must|shall) )?(?:only )?(?:reply|respond|answer)\b)"),
    _rule("system prompt look-alike", "system|assistant", r"^\W{0,6}(?:system|assistant)(?: prompt| message| instructions?| override)?\W{0,4}:\W{0,4}(?:you (?:are|must|will|obey|shall|have to)|ignore|disregard|from now on|all (?:later|previous|safety)|new instructions)\b"),
    _rule("system prompt look-alike", "im_|inst]|sys>>|endoftext|start_header|eot_id", r"<\|(?:im_start|im_end|system|user|assistant|endoftext|start_header_id|eot_id)\|>|\[/?INST\]|<</?SYS>>"),
    _rule("exfiltration", "prompt|instructions|system message|messages|chat history|context window|conversation|chat", rf"\b{_SHOW}\b(?:\W{{1,3}}\w{{1,20}}){{0,5}}?\W{{1,3}}(?:your|the|its|this) (?:\w{{1,20}} ){{0,2}}?(?:system prompt|(?:hidden|initial|internal|secret|original) (?:instructions|prompts?|system message|messages)|chat history|context window|(?:full|entire|whole|complete) (?:conversation|prompt|chat))\b", always=True),
    _rule("exfiltration", "conversation|instructions", rf"\b{_SHOW}\b(?:\W{{1,3}}\w{{1,20}}){{0,5}}?\W{{1,3}}(?:your|the|this) (?:\w{{1,20}} ){{0,2}}?(?:conversation (?:so far|history)|instructions (?:word for word|verbatim))\b", always=True),
    _rule("exfiltration", "your", rf"\b{_SHOW}\b(?:\W{{1,3}}\w{{1,20}}){{0,3}}?\W{{1,3}}your (?:\w{{1,20}} ){{0,2}}?(?:instructions|system message|guidelines|hidden rules)\b", always=True),
    _rule("exfiltration", "variable|api key|credential|secret|token|password|private key|cookie|files", rf"\b{_SHOW}\b(?:\W{{1,3}}\w{{1,20}}){{0,4}}?\W{{1,3}}(?:all|any|every|the user'?s?|users?'|your|each|available) ?(?:[\w']{{1,20}} ){{0,4}}?(?:environment variables?|api keys?|credentials?|secrets?|(?:access )?tokens?|passwords?|private keys?|cookies|files)\b.{{0,80}}?(?:https?://|[\w.+-]{{1,60}}@[\w-]{{1,60}}\.|\battacker|\bwithout (?:asking|telling))", always=True),
    _rule("exfiltration", "everything in your", r"\beverything in your (?:context|memory|prompt|system)", always=True),
    _rule("addressed to an AI", _AI_NEEDLES, rf"(?:^|[.!:;]\W{{1,3}})\W{{0,3}}(?:dear|hey|attention|hello|(?:\w{{1,20}} ){{0,2}}?(?:note|message|notice|request|instructions?|important) (?:to|for)|to|for) {AI}\W{{0,3}}[:,!]"),
    _rule("addressed to an AI", _AI_NEEDLES, rf"\b{AI},? (?:(?:that|which|who)(?: is| are)? |currently )?(?:read(?:ing|s)?|process(?:ing|es)?|summari[sz](?:ing|es?)|pars(?:ing|es?)|analy[sz](?:ing|es?)|index(?:ing|es)?) (?:this|the following)\b(?: {_TEXT})?.{{0,30}}?(?:\b{_MUST}\b|[,:]\W{{0,3}}(?:please )?{_SAY}\b)"),
    _rule("addressed to an AI", _AI_NEEDLES, rf"\b{AI} (?:(?:must|should|shall|have to|has to|are required to|need to)(?: not| never| always)?|are (?:not )?to) {_SAY}\b(?! (?:in|on|with|within|only|through|as|against|locally)\b)"),
    _rule("addressed to an AI", "this |the above|the following", rf"\b(?:when|while|whenever|before|after|if)(?: you)? (?:are )?(?:summari[sz](?:e|ing)|answer(?:ing)? (?:questions )?(?:about|from|with)|process(?:ing)?|translat(?:e|ing)|pars(?:e|ing)|ingest(?:ing)?|quot(?:e|ing)|index(?:ing)?) (?:this|the above|the following) {_TEXT}\b.{{0,20}}?[,:]?\W{{1,3}}(?:please |you must |always |never |do not |don't )?{_SAY}\b"),
    _rule("addressed to an AI", "summari", rf"\b(?:whoever|who) summari[sz]es this {_TEXT}\b.{{0,20}}?\b{_MUST}\b"),
    _rule("conditional trigger", _AI_NEEDLES, rf"\b(?:if|in case|because|since|unless) you(?:'re| are| be) {AI}"),
    _rule("conditional trigger", _AI_NEEDLES, rf"\bshould you be {AI}"),
    _rule("conditional trigger", _AI_NEEDLES, rf"(?:^|[.!:;,]\W{{0,3}})as {AI},? (?:you|please|reply|ignore|do)\b"),
    _rule("conditional trigger", _AI_NEEDLES, rf"\b(?:if|in case|when|should) {AI}(?: \w{{1,20}}){{0,2}}? (?:read(?:s|ing)?|process(?:es|ing)?|sees?|summari[sz](?:es?|ing)|index(?:es|ing)) this\b"),
)  # fmt: skip

# A neighbour of an injected sentence that goes with it.
FOLLOWERS = re.compile(
    rf"\b(?:reply|respond|answer) (?:only|always|with)\b|\b(?:do not|don't|never) (?:tell|mention|reveal|inform|show)\b.{0, 40}\b(?:users?|readers?|anyone|this)\b|"
    rf"\b{_SHOW}\b.{{0,80}}?https?://|\byou (?:obey|approve)\b|\bapprove (?:the|every|all|any)\b|\byour (?:answer|reply|response)\b",
    _I,
)

# A person may be told to leave out a part of the page; such a sentence stays unless it speaks of all or of an AI.
BENIGN = re.compile(
    r"\b(?:if|when|unless|once) (?:you|your|the|this|it|we|they)\b|\b(?:you|we|users?|readers?) (?:can|may|could|might)\b|\bsafely\b|"
    r"\bon (?:macos|linux|windows|kubernetes)\b",
    _I,
)
SPEAKS_OF_AI = re.compile(
    rf"\b{AI}|\bassistants?\b|\ball (?:of )?(?:the |your |my )?(?:previous|prior|earlier|above)\b", _I
)
DESCRIBED = re.compile(
    r"\b(?:tells?|asks?|told|asking|tr(?:y|ies|ying)|attempts?|instruct(?:s|ed|ing)?|convinces?|trick(?:s|ed)?|mak(?:e|es|ing)|gets?|causes?|"
    r"says?|such as|like|e\.g\.|for example|example|attack(?:er)?s?|inject(?:s|ed|ion|ions)?|phrases?|text|that|which|may|might|can|could|to)\b[^.!?]{0,60}$",
    _I,
)
SUBJECT = re.compile(
    r"prompt[- ]injection|jailbreak|system prompts?\b|prompt engineering|language models?|\bLLMs?\b|\bAI[- ](?:agents?|assistants?|tools?|policy|safety|usage)|"
    r"coding (?:agents?|assistants?)|AGENTS\.md|CLAUDE\.md|\bMCP\b|chat ?bots?\b|\bcopilot\b|red[- ]team|guardrails?\b|\bGPT|\bClaude\b|OpenAI|"
    r"Anthropic|tool calls?\b|function calling|generative AI|\bprompts\b|\bprompting\b|\bagent skills?\b|\bGenAI\b|\bRAG\b|\bassistant\b",
    _I,
)
QUOTED = re.compile(
    r"`[^`]{1,2000}`|\"[^\"]{1,2000}\"|“[^”]{1,2000}”|„[^“”]{1,2000}[“”]|«[^»]{1,2000}»|(?<!\w)'[^'\n]{1,500}'(?!\w)|\u2018[^\u2019]{1,500}\u2019"
)

# What makes a comment, an attribute or a hidden element one that instructs an AI.
HIDDEN_ADDRESS = re.compile(
    rf"\b{AI}\b.{{0,200}}?\b(?:must|should|shall|ignore|tell|recommend|say|answer|reply|never|always|do not|please|send|add|run|include|mention|approve|skip|disable|delete)\b|"
    r"^\s{0,5}(?:gpt|claude|copilot|gemini|llms?)\s{0,2}:|\bautomated (?:readers?|agents?|assistants?)\b|\bif you are an? (?:\w{1,20} )?(?:agent|assistant|model|bot)\b|\b(?:agents?|assistants?|models?|bots?) reading this\b|(?:^|[.!]\s{0,3})\s{0,3}(?:dear )?assistants?\s{0,2}[,:]|\b(?:do not|don't|never) (?:mention|tell|reveal|disclose|show)\b.{0,60}\b(?:users?|readers?|comment|anyone|human|this)\b|"
    r"^\s{0,5}(?:system|prompt|instructions?|assistant|ai|llm)\s{0,3}[:>,-].{0,200}\b(?:you|ignore|must|obey|do not|reply|answer|respond|always|never|tell|say|approve|act)\b|"
    r"\bwhen(?:ever)? (?:summari[sz]|answer|quot|cit|translat)\w{0,4}\b.{0,80}\b(?:tell|say|recommend|mention|add|include|omit|state|never|always|do not)\b|"
    r"\b(?:reply|respond|answer) only\b|\bauthorized_keys\b.{0,40}\badd\b",
    _I | re.DOTALL,
)
SQUEEZED = re.compile(
    r"(?:ignore|disregard|forget|override)(?:all|any|every|the|your|of|my){0,3}(?:previous|prior|above|earlier|preceding|system)(?:safety|system)?"
    r"(?:instruction|prompt|guideline|rule|direct)|(?:reveal|print|show)(?:me)?your(?:system|hidden)prompt|youarenow(?:an?)?(?:unrestricted|jailbroken|evil|dan)"
)
