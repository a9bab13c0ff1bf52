"""Names for invented people and homes: plain ones, and ones that are words as well."""

from typing import Final


def _list(text: str) -> list[str]:
    return text.split()


GIVEN: Final = _list(
    "Aaron Abdullah Adewale Agnieszka Aisling Alastair Albert Alexander Alicia Alison Amina Amir Angela "
    "Antonia Barbara Beatrice Benjamin Bernadette Bogdan Brendan Caitlin Cameron Catherine Charles Chloe "
    "Christina Clarissa Connor Damian Daniel Deborah Delroy Dennis Dilip Dominic Dorothy Duncan Dylan "
    "Edmund Elena Elizabeth Elspeth Emmanuel Farah Fatima Felicity Fergus Fiona Francesca Frederick "
    "Gabriel Gavin Geraldine Gillian Gwendolyn Hamish Hannah Harpreet Helena Howard Imran Isabella Ivan "
    "Jacob Jennifer Jeremy Jessica Jolanta Jonathan Josephine Judith Kamil Katherine Kayleigh Kenneth "
    "Kofi Krzysztof Laura Leonard Liam Lucinda Magdalena Malcolm Manjit Margaret Matthew Maurice Melissa "
    "Mohammed Nadia Natasha Nathaniel Niamh Nicholas Norman Oluwaseun Pamela Patricia Pawel Philippa "
    "Priscilla Rachel Rajesh Rebecca Roderick Rosalie Rupert Samantha Samuel Saoirse Sebastian Simone "
    "Stephanie Sunil Susannah Tamara Terence Theodore Timothy Tracey Ursula Valerie Victoria Vincent "
    "Wilfred Winston Zainab Zofia"
)
FAMILY: Final = _list(
    "Abernathy Achterberg Adcock Agbaje Ainsworth Akinola Allardyce Amesbury Ashcroft Aspinall Balogun "
    "Bamford Barraclough Bellamy Bickerstaff Birchall Boothroyd Braithwaite Broadhurst Cadogan Calderwood "
    "Catterall Chadwick Chatterjee Clitheroe Colquhoun Cotterill Cunliffe Dalgleish Danjuma Davenport "
    "Dempsey Dhaliwal Dombrowski Duckworth Dunphy Eckersley Egbunike Enright Fairclough Fazackerley "
    "Featherstone Finnegan Fotheringham Galbraith Garbutt Gorecki Greenhalgh Grimshaw Hardcastle "
    "Heathcote Hetherington Hinchcliffe Holdsworth Hossain Huddleston Illingworth Jankowski Jephcott "
    "Kaczmarek Kavanagh Kowalczyk Lachowski Leadbeater Livesey Luckhurst Makinde Malhotra McAllister "
    "Metcalfe Micklethwaite Molyneux Mukherjee Murgatroyd Naismith Ndlovu Nwachukwu Ogunbanjo Ormerod "
    "Padgett Papadopoulos Pendlebury Postlethwaite Prendergast Quigley Ramsbottom Rawcliffe Rothwell "
    "Satterthwaite Shackleton Siddiqui Sidebottom Smethurst Stirzaker Sutcliffe Swarbrick Szymanski "
    "Tattersall Thackeray Threlkeld Tomlinson Trelawney Underhill Unsworth Venables Wadsworth Warburton "
    "Wetherell Whittaker Winterbottom Wolstenholme Yarwood Zielinski"
)
WORD_GIVEN: Final = _list(
    "Will Mark Hope Grace Joy Faith Rose Daisy Ivy Poppy Lily Holly Hazel Olive Iris Rowan Ash Storm Sky "
    "Pearl Ruby Amber Jade Dawn Summer April May June Autumn Robin Jack Bill Rob Pat Sue Drew Frank Nick "
    "Art Gene Dean Miles Chase Max Guy Jay Ray Honey Crystal Patience Prudence Constance Mercy Verity "
    "Grant Hunter Mason Carter Tyler Clay Cliff Dale Glen Heath Heather Ginger Penny Sandy Coral Carol "
    "Eve River Willow Basil Lance Wade Fern Christian"
)
WORD_FAMILY: Final = _list(
    "Field Long Price Young Day Cross Rook Chase Moss Grange Bell Hall Marsh Cope Park Page Ward Bishop "
    "Church Banks Best Short Small Little King Noble Sharp Savage Swift Strong Stone Lane Brook Wood "
    "Green Brown Black White Gray Gold Silver Winter Frost Snow Bird Fox Wolf Hart Lamb Drake Swan Crane "
    "Cook Baker Butler Carter Fisher Hunter Mason Miller Potter Taylor Turner Walker Hill Dale Ford Pool "
    "Rivers Lake Pope Abbott Monk Knight Low Gill Pike Rice Berry Pepper Rush Reed Flowers Bush Root "
    "Thorne Bloom Case Law Judge Cash Penny Bond Fine Rich Sweet Love Darling Close Gates Bridge Castle "
    "Mills Barnes Locke Nail Spear Steel Glass Cotton Silk Barber Piper Horn Head Foot Hand Bright Early "
    "Grant Mann Stamp Hood"
)
STREETS: Final = _list(
    "Bramble Harebell Tanners Weavers Furnace Skinner Bakewell Lantern Windmill Kestrel Curlew Lapwing "
    "Partridge Juniper Ashgrove Coppice Ferryman Hollins Ingle Nethergate Osprey Redoubt Thorpe Wharfe "
    "Ambleside Bankside Calder Eskdale Hebden Linden Norland Pinfold Staithes Westgate Saltergate Oxcroft "
    "Fulford Marlside Thornwell Brackenholme"
)
